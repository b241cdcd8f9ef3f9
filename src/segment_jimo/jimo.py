"""A client for the commands of the Jimo SDK whose form is certain (Jimo's help centre)."""

from .errors import CommandError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .browser import Browser


class Jimo:
    """Commands to the SDK that is on the page. Each raises CommandError where it was not taken."""

    def __init__(self, browser: "Browser") -> None:
        self._browser = browser

    def push(self, verb: str, method: str, *args: object) -> None:
        """Pushes ``[verb, method, [*args]]``. The values must be of the kinds that JSON has."""
        if not self._browser.command([verb, method, list(args)]):
            raise CommandError(f"{verb} {method}: {self._browser.detail()}")

    def set_name(self, name: str) -> None:
        """Sets the name of the current user."""
        self.push("set", "user:name", name)

    def set_language(self, language: str) -> None:
        """Sets the language of experiences."""
        self.push("set", "core:language", language)

    def trigger(self, experience: str) -> None:
        """Shows one experience, by its id."""
        self.push("do", "boosted:trigger", {"evolutionId": experience})

    def open_widget(self) -> None:
        """Opens the widget."""
        self.push("do", "widget:open")
