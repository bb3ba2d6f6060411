"""Which fraud signals look at a referral? The shelf of signals; each says what it needs, how it finds and how it explains."""

from goodword.catalog.signals.same_device import SAME_DEVICE
from goodword.catalog.signals.same_email import SAME_EMAIL
from goodword.catalog.signals.same_phone import SAME_PHONE
from goodword.catalog.signals.shared_payment import SHARED_PAYMENT
from goodword.catalog.signals.velocity import VELOCITY

SIGNALS = {signal.slug: signal for signal in (SAME_EMAIL, SAME_PHONE, SAME_DEVICE, SHARED_PAYMENT, VELOCITY)}
