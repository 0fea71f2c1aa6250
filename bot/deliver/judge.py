"""The three ways in which a delivery fails, in one line each."""

from datetime import timedelta

from bot.errors import DeliveryError, FailureKind, Retry


def later(
    channel: str,
    message: str,
    *,
    kind: FailureKind = FailureKind.TEMPORARY,
    hint: str = "",
    retry_after: timedelta | None = None,
) -> DeliveryError:
    """Return the error of something that was certainly not accepted and may be tomorrow."""
    return DeliveryError(
        message, kind=kind, subject=channel, retry=Retry.LATER, hint=hint, retry_after=retry_after
    )


def never(channel: str, message: str, *, kind: FailureKind, hint: str) -> DeliveryError:
    """Return the error of something that fails until somebody changes something."""
    return DeliveryError(message, kind=kind, subject=channel, retry=Retry.NEVER, hint=hint)


def unknown(channel: str, message: str) -> DeliveryError:
    """Return the error of something that may have been accepted."""
    return DeliveryError(
        message,
        kind=FailureKind.UNCERTAIN,
        subject=channel,
        retry=Retry.UNKNOWN,
        hint="it may have arrived; the same message is sent again under the same name",
    )
