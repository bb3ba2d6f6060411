"""What does a published promise mean, and who earned what by it? The specification of Goodword.

Everything here is a pure function over values: no clock, no I/O, no randomness, no imports from above. Read in this order:
amounts, reasons, kind, identities, events, documents, conditions, terms, reading, referral, ledger, situation, facts, attribution,
observation, milestones, binding, qualification, screening, rewarding, reversal, settlement, acts, decide. `rows` and `outcomes`
are the files that go in and out; `proof` stands beside: how a row becomes a leaf that outsiders can verify.

Glossary (one meaning each)
---------------------------
Operator        the BPO that runs Goodword.
Client          a brand that the operator serves. (An HTTP client is a *transport*.)
Program         what a client promises to people who refer; it has versions.
Terms           one published, immutable version of a program's promise.
Party           a person or an organization known to a client.
Advocate        a party who refers (screens say "referrer"). Friend: a party who is referred. Payee: who gets the reward.
Subject         what a referral is about: the program itself, a product, a job, a deal.
Attribute       a typed, dated fact about a party. Audience: a named list of parties.
Token           the keyed hash of an identifying value; deciding sees tokens, never names or addresses.
Touch           a click, a code used, a name given, a late claim: what may tie a friend to an advocate.
Event           what happened: click, signup, purchase, refund, any own name; acts of the house are events too.
Trail           the events of a party and of its visitors, in canonical order.
Situation       all that deciding may look at.
Binding         the event and touch by which a friend came to belong to an advocate.
Referral        program + friend + subject, with one advocate and a journey.
Milestone       an event or a moment that a referral reaches: joined, first order, still here after 90 days.
Promise         milestone -> reward for a role.
Merit           what a referral deserves by its events alone, whatever order they arrived in.
Claim           a fact written once, in order of decision: a place under a limit, budget, a finding, a person's word.
Grant           a promise come due. Reward: a grant on its way to a payee.
Hold            the days between milestone and payability in which a reward can still be voided.
Entry           balanced posting from one account to another, in whole minor units of one asset.
Reason          coded why, with the value compared and the value needed.
Finding         a fraud signal that fired. Review: a person decides on findings.
Decision        all that follows from one event or one due moment, as data.
Notice          something to tell the outside.
"""
