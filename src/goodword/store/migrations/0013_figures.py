"""What is decided already is counted too, by the day on which friends joined; indexes for the lists behind these numbers."""

from django.db import migrations, models

# As `store/figures.py` counts a decision; a row a sum, zone UTC.
_INTO = "INSERT INTO rollup (client_id, program_id, day, metric, asset, n, amount_minor)"
_JOINED = "(r.bound_at AT TIME ZONE 'UTC')::date"
_NOWHERE = "'00000000-0000-0000-0000-000000000000'::uuid"
_COUNTED = [
    f"{_INTO} SELECT r.client_id, r.program_id, {_JOINED}, 'stand:' || r.state || ':' || r.method, '', count(*), 0"
    " FROM referral r WHERE r.bound_at IS NOT NULL GROUP BY 1, 2, 3, 4",
    f"{_INTO} SELECT r.client_id, r.program_id, {_JOINED}, 'given:' || w.state, w.asset, count(*), sum(w.amount_minor)"
    " FROM reward w JOIN referral r ON r.client_id = w.client_id AND r.id = w.referral_id"
    " WHERE w.state IN ('pending', 'in_review', 'payable', 'sent') AND r.bound_at IS NOT NULL GROUP BY 1, 2, 3, 4, 5",
    f"{_INTO} SELECT client_id, program_id, (due_at AT TIME ZONE 'UTC')::date, 'due:' || state, asset, count(*),"
    " sum(amount_minor) FROM reward WHERE state IN ('pending', 'in_review', 'payable') AND due_at IS NOT NULL"
    " GROUP BY 1, 2, 3, 4, 5",
    f"{_INTO} SELECT client_id, program_id, (state_at AT TIME ZONE 'UTC')::date, 'sent_after', 's', count(*),"
    " sum(trunc(extract(epoch FROM state_at - granted_at)))::bigint FROM reward WHERE state = 'sent' GROUP BY 1, 2, 3",
    f"{_INTO} SELECT r.client_id, r.program_id, {_JOINED}, 'stopped', w.asset, count(*), sum(w.amount_minor)"
    " FROM reward w JOIN referral r ON r.client_id = w.client_id AND r.id = w.referral_id"
    " WHERE w.state = 'voided' AND r.state = 'denied' AND r.bound_at IS NOT NULL GROUP BY 1, 2, 3, 5",
    f"{_INTO} SELECT r.client_id, r.program_id, {_JOINED}, 'after:' ||"
    " greatest(0, least(26, floor(extract(epoch FROM earned.first_at - r.bound_at) / 604800)))::int, '', count(*), 0"
    " FROM referral r CROSS JOIN LATERAL (SELECT min((one ->> 'milestone_at')::timestamptz) AS first_at"
    " FROM jsonb_array_elements(coalesce(r.body::jsonb -> 'rewards', '[]'::jsonb)) one"
    " WHERE one ->> 'state' IN ('pending', 'in_review', 'payable', 'sent')) earned"
    " WHERE earned.first_at IS NOT NULL AND r.bound_at IS NOT NULL GROUP BY 1, 2, 3, 4",
    f"{_INTO} SELECT e.client_id, coalesce(r.program_id, {_NOWHERE}), (d.clock AT TIME ZONE 'UTC')::date, 'owed', e.asset,"
    " count(*), sum(CASE WHEN into_.name LIKE 'payable:%'"
    " THEN CASE e.phase WHEN 'posted' THEN 1 WHEN 'pending' THEN 1 WHEN 'void' THEN -1 ELSE 0 END"
    " ELSE CASE e.phase WHEN 'posted' THEN -1 WHEN 'pending' THEN -1 WHEN 'void' THEN 1 ELSE 0 END END * e.amount_minor)"
    " FROM entry e JOIN decision d ON d.client_id = e.client_id AND d.id = e.decision_id"
    " JOIN account into_ ON into_.client_id = e.client_id AND into_.id = e.destination_id"
    " JOIN account out_ ON out_.client_id = e.client_id AND out_.id = e.source_id"
    " LEFT JOIN referral r ON r.client_id = e.client_id AND r.id = e.referral_id"
    " WHERE into_.name LIKE 'payable:%' OR out_.name LIKE 'payable:%' GROUP BY 1, 2, 3, 5",
    f"{_INTO} SELECT e.client_id, {_NOWHERE}, (e.at AT TIME ZONE 'UTC')::date, 'event:' || e.type, '', count(*), 0"
    " FROM event e WHERE e.type IN ('click', 'share') AND EXISTS (SELECT FROM decision d"
    " WHERE d.client_id = e.client_id AND d.event_id = e.id) GROUP BY 1, 3, 4",
]
_COUNTED_NO_MORE = (
    "DELETE FROM rollup WHERE metric ~ '^(stand|given|due|after|event):' OR metric IN ('sent_after', 'stopped', 'owed')"
)
_OWED = models.Q(state__in=["pending", "in_review", "payable"])


class Migration(migrations.Migration):
    dependencies = [("store", "0012_desk")]

    operations = [
        # Needs the owner's BYPASSRLS: under forced row security this would else count no row, in silence.
        migrations.RunSQL([*_COUNTED], [_COUNTED_NO_MORE]),
        migrations.AddIndex("referral", models.Index(fields=["client_id", "bound_at", "id"], name="referral_joined")),
        migrations.AddIndex(
            "reward", models.Index(fields=["client_id", "due_at", "id"], name="reward_owed", condition=_OWED)
        ),
        migrations.AddIndex(
            "reward",
            models.Index(fields=["client_id", "state_at", "id"], name="reward_sent", condition=models.Q(state="sent")),
        ),
    ]
