// The domain of membership: what happens to members, points, tiers, events and terms.
//
// A rule decides over plain values (an account with its lots, an event with its registrations, the
// terms of a membership, the moment): **in** come those, **out** goes what is to change, or a refusal
// with its facts. Around such decisions, one file for each mutation and computed field binds them to
// the schema: it reads the values from rows, writes the changes back in one transaction, and says
// what the payload shows. One folder a subject: `Points`, `Tiers`, `Rewards`, `Members`, `Terms`,
// `Audience`, `Events`, `Coupons`, `Wallets`, `Orders`, `Marketing`, `Metrics`, `Reports`, `Jobs`,
// `Audit`; `Calendar` knows the time zone of each chapter. ``membershipRules`` is all of them.
// ``SampleClub`` is a club made up for trying things out.
//
// **Invariants.** What is made here is consistent: each account is the sum of its ledger, each tier
// follows from the points earned, each event has as many seats taken as its registrations hold.
// Tables and fields are found by their names in the schema; one that is missing is reported, never
// assumed.
//
// **Absent on purpose.** No clock: it comes in as a value. No randomness but that of the codes of
// coupons and tickets, which nobody may guess; whoever needs the same rows everywhere brings codes
// along. No files, no network, no words of GraphQL but the names of the schema.

import Engine

/// Everything that the schema files can name.
public let membershipRules = RuleLibrary(
    mutations: PointsRules.mutations + MemberRules.mutations + CommerceRules.mutations
        + ReportRules.mutations,
    fields: PointsRules.fields + MemberRules.fields + CommerceRules.fields + ReportRules.fields,
    due: PointsRules.due + MemberRules.due + CommerceRules.due,
    schedule: ReportRules.schedule, observer: ReportRules.observer, viewers: StaffViewer.self,
    keepers: PointsRules.keepers.union(MemberRules.keepers).union(CommerceRules.keepers),
    errorCodes: MemberRules.errorCodes)
