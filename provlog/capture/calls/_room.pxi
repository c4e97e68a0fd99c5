# Part of _fast.pyx: whether the stack of C has room for a call.
#
# A traced call takes about a kilobyte there, which Python does not count. Such calls may use a
# quarter of the thread's stack. The rest is for the program, whose own functions may be compiled
# ones.


cdef extern from *:
    """
    #include <stddef.h>
    #if defined(__linux__) || defined(__APPLE__)
    #include <pthread.h>
    #endif

    #if defined(_MSC_VER)
    #define PROVLOG_OF_THREAD __declspec(thread)
    #else
    #define PROVLOG_OF_THREAD __thread
    #endif

    /* The number of nested calls where the size of the stack is unknown. */
    #define PROVLOG_MAX_DEPTH 50
    /* The usual size of the first thread's stack, where the system sets no limit. */
    #define PROVLOG_USUAL_STACK ((size_t)8 << 20)

    /* The number of traced calls in progress in C. */
    static PROVLOG_OF_THREAD int provlog_depth = 0;
    static PROVLOG_OF_THREAD int provlog_has_bounds = 0;
    /* The stack grows downwards from the first address to the last one; calls may use it up to
       the one between. */
    static PROVLOG_OF_THREAD char *provlog_first = NULL, *provlog_edge = NULL, *provlog_last = NULL;

    static void provlog_find_bounds(void) {
        size_t size = 0;
    #if defined(__linux__)
        pthread_attr_t attributes;
        void *lowest;
        if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
            if (pthread_attr_getstack(&attributes, &lowest, &size) == 0)
                provlog_first = (char *)lowest + size;
            pthread_attr_destroy(&attributes);
        }
    #elif defined(__APPLE__)
        provlog_first = (char *)pthread_get_stackaddr_np(pthread_self());
        size = pthread_get_stacksize_np(pthread_self());
    #endif
        provlog_last = provlog_first - size;
        if (size > PROVLOG_USUAL_STACK)
            size = PROVLOG_USUAL_STACK;
        provlog_edge = provlog_first - size / 4;
        provlog_has_bounds = 1;
    }

    static int provlog_has_room(void) {
        char here;
    #if PY_VERSION_HEX >= 0x030D0000 && PY_VERSION_HEX < 0x030E0000
        if (PyThreadState_Get()->c_recursion_remaining < Py_C_RECURSION_LIMIT / 2)
            return 0;
    #elif PY_VERSION_HEX >= 0x030C0000 && PY_VERSION_HEX < 0x030D0000
        if (PyThreadState_Get()->c_recursion_remaining < C_RECURSION_LIMIT / 2)
            return 0;
    #endif
        if (!provlog_has_bounds)
            provlog_find_bounds();
        if (&here < provlog_first && &here > provlog_last)
            return &here > provlog_edge;
        /* Unknown bounds, or a program that has stacks of its own. */
        return provlog_depth < PROVLOG_MAX_DEPTH;
    }
    """
