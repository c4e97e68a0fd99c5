"""``python -m provlog``."""

from provlog.cli import main

if __name__ == "__main__":
    main(prog_name="provlog")
