"""Pages write who works here and the settings of clients: policies for both, each for its own command."""

from django.db import migrations

from goodword.store import grants


class Migration(migrations.Migration):
    dependencies = [("store", "0010_pending_both_ways")]

    operations = [
        migrations.RunSQL(
            [*grants.house_isolation("membership")],
            [
                "DROP POLICY member_in ON membership",
                "DROP POLICY member_out ON membership",
                "DROP POLICY member ON membership",
                *grants.membership_isolation(),
            ],
        ),
        migrations.RunSQL(
            [*grants.house_isolation("client")],
            [
                "DROP POLICY named ON client",
                "DROP POLICY settings ON client",
                "ALTER TABLE client NO FORCE ROW LEVEL SECURITY",
                "ALTER TABLE client DISABLE ROW LEVEL SECURITY",
            ],
        ),
    ]
