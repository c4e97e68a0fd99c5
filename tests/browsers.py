"""A headless browser for tests of pages, with what it logs and requests."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.wait import WebDriverWait

ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage")
PATIENCE = 20


class Browser:
    """Chromium with one window.

    Parameters
    ----------
    driver : Chrome
        The driver of the browser.
    downloads : Path
        The folder of downloads.
    """

    def __init__(self, driver: Chrome, downloads: Path) -> None:
        self.driver = driver
        self.downloads = downloads

    def open(self, page: Path, fragment: str = "") -> None:
        """Open a page without downloads of earlier ones, and wait until its graph is drawn."""
        for path in self.downloads.iterdir():
            path.unlink()
        self.driver.get("about:blank")
        self.messages()
        self.requests()
        self.driver.get(f"{page.as_uri()}{fragment and '#'}{fragment}")
        self.wait_for("return !!globalThis.explorer")

    def run(self, script: str, *arguments: object) -> Any:
        """Run a script in the page and return its result."""
        return self.driver.execute_script(script, *arguments)

    def wait_for(self, script: str, *arguments: object) -> Any:
        """Run a script in the page until its result is true, and return it."""
        return WebDriverWait(self.driver, PATIENCE, 0.02).until(
            lambda _: self.run(script, *arguments)
        )

    def downloaded(self, suffix: str) -> Path:
        """Wait for a download with a suffix and return its path."""

        def complete(_: object) -> Path | None:
            return next((path for path in self.downloads.glob(f"*{suffix}")), None)

        found = WebDriverWait(self.driver, PATIENCE, 0.02).until(complete)
        assert found is not None
        return found

    def _log(self, name: str) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.driver.get_log(name)  # type: ignore[no-untyped-call]
        return entries

    def messages(self) -> list[str]:
        """Return what the browser has logged: errors and warnings."""
        return [entry["message"] for entry in self._log("browser")]

    def requests(self) -> list[str]:
        """Return the addresses that the page has requested, except those inside itself."""
        entries = [json.loads(e["message"])["message"] for e in self._log("performance")]
        addresses = [
            entry["params"]["request"]["url"]
            for entry in entries
            if entry["method"] == "Network.requestWillBeSent"
        ]
        return [each for each in addresses if not each.startswith(("data:", "blob:", "about:"))]


@contextmanager
def browser(downloads: Path) -> Iterator[Browser]:
    """Start Chromium; skip the test if it is not installed."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("needs chromium and chromedriver: apt-get install chromium-driver")
    options = Options()
    options.binary_location = chromium
    for argument in (*ARGUMENTS, "--window-size=1500,900"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    downloading = {
        "download.default_directory": str(downloads),
        "profile.default_content_setting_values.automatic_downloads": 1,
    }
    options.add_experimental_option("prefs", downloading)
    running = Chrome(options=options, service=Service(driver))
    try:
        yield Browser(running, downloads)
    finally:
        running.quit()
