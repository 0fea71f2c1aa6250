"""The last steps of a trace, from a mention to a person; those before are in ``bot.pipeline.trace_steps``."""

from typing import Final

from bot.digest.due import due_slot, next_slots
from bot.match import Explainer
from bot.model import DeliveryState, MentionState, StoredMention, Watch
from bot.pipeline.deps import DigestPlan
from bot.pipeline.trace_values import Facts, Step, Told, ToldDelivery, Way
from bot.pipeline.trace_words import at, joined, slot

#: of the deliveries of all digests, the first that is there says how far it came
_SURE: Final = (
    DeliveryState.SENT,
    DeliveryState.SENDING,
    DeliveryState.PENDING,
    DeliveryState.UNCERTAIN,
    DeliveryState.FAILED,
)
_WITHDRAWN: Final = {
    "watch": "the watch was changed since, and does not find it any more",
    "revision": "a later revision of the article does not hold it any more",
}


def mention_way(facts: Facts, watch: Watch, mention: StoredMention) -> Way:
    """Return how far a mention came."""
    told = facts.told.get(mention.id, ())
    if told:
        step, detail, hint = _told(facts, told)
        if (held := _held_back(facts, watch, mention)) is not None:
            detail = f"{detail}; since then {held[0]}" if mention.state in _LATER else detail
    elif (held := _held_back(facts, watch, mention)) is not None:
        step, (detail, hint) = Step.HELD_BACK, held
    else:
        step, detail, hint = _awaited(facts, watch, mention)
    return Way(
        watch=watch.key,
        step=step,
        detail=detail,
        hint=hint,
        mention_id=mention.id,
        state=mention.state,
        digests=told,
    )


#: states that a mention can come to after it was told
_LATER: Final = (MentionState.DISMISSED, MentionState.WITHDRAWN)


def _held_back(facts: Facts, watch: Watch, mention: StoredMention) -> tuple[str, str] | None:
    """Return why a mention is not told, and what to do next; None where it is."""
    number = mention.id
    if mention.state is MentionState.DISMISSED:
        when = at(mention.dismissed_at) if mention.dismissed_at else "some time"
        why = f": {mention.dismissed_why}" if mention.dismissed_why else ""
        return f"somebody dismissed it at {when}{why}", f"`newsbot mentions undo {number}` takes that back"
    if mention.state is MentionState.WITHDRAWN:
        why = _WITHDRAWN.get(mention.withdrawn_why or "", "it was withdrawn")
        return why, f"`newsbot explain {number}` shows what is missing"
    if mention.state is MentionState.FURNITURE:
        return (
            "all that was found stands in blocks that other articles of the site share: a menu, a sidebar",
            f"`newsbot explain {number}` shows where",
        )
    if mention.state is MentionState.CONTRADICTED and not mention.wanted:
        return (
            f"held back for another sense: {_sense(facts, watch, mention)}",
            "add the long form to `long_forms`, or `deliver_contradicted: true` to be told all the same",
        )
    # a wanted rival sense hides whether it is history
    history = _history(facts, watch, mention)
    if mention.state is MentionState.BACKFILL:
        history = history or "it was there before the watch, or before its source"
    if history:
        listed = f"`newsbot mentions --watch {watch.key} --state backfill` lists what was found like this"
        return f"{history}, so it was not alerted", listed
    return None


def _sense(facts: Facts, watch: Watch, mention: StoredMention) -> str:
    """Return what the article says of the acronym's meaning."""
    article = next((article for article in facts.articles if article.id == mention.article_id), None)
    sense = None if article is None else Explainer(watch).examine(article).sense
    return sense.why if sense is not None else "it gave a rival long form when it was found"


def _history(facts: Facts, watch: Watch, mention: StoredMention) -> str:
    """Return why a mention is history: it was there before the source, or before the watch; "" for news."""
    if mention.state is MentionState.NEW:
        return ""
    leading = [entry for entry in facts.entries if entry.article_id == mention.article_id]
    seen = at(mention.first_seen_at)
    if leading and all(entry.baseline for entry in leading):
        names = joined(dict.fromkeys(entry.source_name for entry in leading))
        return f"it was there before the source: {names} listed it already when first asked, at {seen}"
    row = facts.watch_rows.get(watch.key)
    if row is not None and mention.first_seen_at < row.active_since:
        return f"it was there before the watch: listed at {seen}, looked for since {at(row.active_since)}"
    return ""


def _told(facts: Facts, told: tuple[Told, ...]) -> tuple[Step, str, str]:
    """Return how far the digests came that tell a mention."""
    plans = {plan.key: plan for plan in facts.digests}
    sent = [(digest, delivery) for digest in told for delivery in digest.deliveries]
    if not sent:
        names = joined(_named(digest, plans) for digest in told)
        return Step.UNDELIVERED, f"it is in {names}, which went to nobody", "give the digest `channels`"
    state = next(state for state in _SURE if any(delivery.state is state for _, delivery in sent))
    chosen = [pair for pair in sent if pair[1].state is state]
    digest, delivery = chosen[0]
    name, to = _named(digest, plans), joined(dict.fromkeys(_to(one) for _, one in chosen))
    if state is DeliveryState.SENT:
        assert delivery.sent_at is not None
        return Step.TOLD, f"told in {name}, sent to {to} at {at(delivery.sent_at)}", ""
    if state is DeliveryState.FAILED:
        why = f": {delivery.error}" if delivery.error else ""
        return (
            Step.UNDELIVERED,
            f"it is in {name}, whose delivery to {to} failed{why}",
            "`newsbot deliveries --state failed` shows it",
        )
    if state is DeliveryState.UNCERTAIN:
        return (
            Step.UNDELIVERED,
            f"it is in {name}, which may have reached {to}: the answer was lost",
            "look into that mailbox or channel; `newsbot deliveries --state uncertain` shows it",
        )
    refused = f", not accepted yet: {delivery.error}" if delivery.error else ""
    return (
        Step.WAITING,
        f"it is in {name}, on its way to {to}{refused}",
        "`newsbot deliveries` shows how it goes",
    )


def _to(delivery: ToldDelivery) -> str:
    return (
        delivery.channel
        if delivery.target in ("", delivery.channel)
        else f"{delivery.channel} ({delivery.target})"
    )


def _named(digest: Told, plans: dict[str, DigestPlan]) -> str:
    plan = plans.get(digest.digest)
    return f"the digest '{plan.name if plan else digest.digest}' of {slot(digest.slot, plan)}"


def _awaited(facts: Facts, watch: Watch, mention: StoredMention) -> tuple[Step, str, str]:
    """Return which digest will tell a mention, or that none will."""
    plans = [plan for plan in facts.digests if plan.watches is None or watch.key in plan.watches]
    if not plans:
        where = f"add '{watch.key}' to the `watches` of a digest in newsbot.yaml"
        if not facts.digests:
            where = "add one to newsbot.yaml under `digests:`"
        return Step.UNDELIVERED, "it was found, and no digest is for this watch", where
    late = [plan for plan in plans if _began_after(facts, plan, mention)]
    if len(late) == len(plans):
        names = joined(f"'{plan.name}'" for plan in plans)
        return (
            Step.UNDELIVERED,
            f"it was found at {at(mention.found_at)}, before the digest {names} was set up",
            f"`newsbot digest preview {plans[0].key} --history` shows it",
        )
    times = [_when(facts, plan) for plan in plans if plan not in late]
    return (
        Step.WAITING,
        f"found at {at(mention.found_at)}, waiting for {joined(times)}",
        (
            "`newsbot digest preview` shows it now"
            if len(plans) > 1
            else f"`newsbot digest preview {plans[0].key}` shows it now"
        ),
    )


def _began_after(facts: Facts, plan: DigestPlan, mention: StoredMention) -> bool:
    schedule = facts.schedules.get(plan.key)
    return schedule is not None and schedule.started_at > mention.found_at


def _when(facts: Facts, plan: DigestPlan) -> str:
    """Return a digest with the time at which it is due."""
    name = f"the digest '{plan.name}'"
    if plan.schedule.immediate:
        return f"{name}, which is sent as soon as newsbot runs"
    schedule = facts.schedules.get(plan.key)
    due = schedule and due_slot(plan.schedule, zone=plan.zone, last_slot=schedule.last_slot, now=facts.now)
    if due:
        return f"{name}, due since {slot(due, plan)}: is newsbot running?"
    following = next_slots(plan.schedule, zone=plan.zone, after=facts.now, count=1)
    return f"{name} of {slot(following[0], plan)}" if following else f"{name}, which has no time to come"
