"""GOV.UK Notify through its own client: what it answers, told apart by what to do about it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from sync.plain_session import plain_session
from sync.server.notify import settings
from sync.server.notify.settings import Messages

if TYPE_CHECKING:
    from notifications_python_client.errors import APIError

_LOG = "notifications_python_client"  # its warnings hold answers, and with them telephone numbers
_SETUP = (
    ("team-only", "The key is for the team only: ask for a live one."),
    ("trial mode", "The service is in trial mode: ask for it to go live."),
    ("missing personalisation", "The template asks for a word that Holdall does not give."),
    ("template not found", "There is no such template: check the ids of the templates."),
    ("phone_number", "The number cannot take a text. Ring instead."),
    ("email_address", "This is not an e-mail address. Ring instead."),
)


class Refused(Exception):
    """The service will not take this message, now or later; the words say why."""


class Busy(Exception):
    """Try again later. `unsure`: it may have been taken all the same."""

    def __init__(self, words: str, unsure: bool) -> None:
        super().__init__(words)
        self.unsure = unsure


class Service:
    """One client; not for two threads at once. Raises HoldallError when there is no key."""

    def __init__(self, made: Messages) -> None:
        from notifications_python_client.notifications import NotificationsAPIClient

        logging.getLogger(_LOG).setLevel(logging.CRITICAL)
        self._made = made
        client: Any = NotificationsAPIClient
        self._client = client(settings.key(), base_url=made.url, timeout=made.seconds)
        self._client.request_session = plain_session(made.url)  # no .netrc puts its password over the token
        self._client.request_session.max_redirects = 0

    def find(self, reference: str) -> str | None:
        """The status of the message with this reference, None where there is none. Raises Busy, Refused."""
        from notifications_python_client.errors import APIError

        try:
            found = self._client.get_all_notifications(reference=reference)
        except APIError as error:
            raise _told(error, sending=False) from None
        listed = found.get("notifications") if isinstance(found, dict) else None
        for one in listed or ():
            if isinstance(one, dict) and one.get("reference") == reference:
                return str(one.get("status") or "created")
        return None

    def send(self, channel: str, to: str, template: str, fields: dict[str, str], reference: str) -> None:
        """Hands a message over. Raises Refused, Busy."""
        from notifications_python_client.errors import APIError

        if not template:
            raise Refused("No template is set for such a message.")
        try:
            if channel == "sms":
                self._client.send_sms_notification(
                    to.replace(" ", ""), template, fields, reference, self._made.sms_sender or None
                )
            else:
                self._client.send_email_notification(
                    to,
                    template,
                    fields,
                    reference,
                    self._made.email_reply_to or None,
                    sanitise_content_for=["name"],  # as typed: no link of theirs in our name
                )
        except APIError as error:
            raise _told(error, sending=True) from None


def _told(error: APIError, sending: bool) -> Refused | Busy:
    """An answer that is none, by what to do about it. Nothing of a person stands in the words."""
    status = error.status_code
    if error.response is None:  # no answer at all
        return Busy("The service did not answer.", unsure=sending and _reached(error.__cause__))
    if status == 400 and sending:
        said = str(error.message).lower()
        for sign, words in _SETUP:
            if sign in said:
                return Refused(words)
        return Refused("The service did not take it. Ring instead.")
    if status == 403:
        return Busy("The service does not know the key, or this server's clock is wrong.", unsure=False)
    if status == 429:
        return Busy("The service has had enough for now: its limit of messages is reached.", unsure=False)
    if status in (400, 404):
        return Refused("The service does not know what was asked for.")
    return Busy(f"The service answers {status}.", unsure=sending)


def _reached(cause: BaseException | None) -> bool:
    """Whether a request without an answer may have arrived all the same."""
    from requests.exceptions import ConnectTimeout, SSLError
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    if isinstance(cause, ConnectTimeout | SSLError):
        return False
    reason = getattr(cause.args[0], "reason", None) if cause is not None and cause.args else None
    return not isinstance(reason, NewConnectionError | ConnectTimeoutError)
