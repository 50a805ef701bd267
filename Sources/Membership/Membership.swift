// The domain of membership: what happens to members, points, tiers, events and terms.
//
// The rules are pure functions: **in** come plain values (an account with its lots, an event with
// its registrations, the terms of a membership, the moment), **out** goes what is to change, or a
// refusal with its facts. One folder a subject: `Points`, `Tiers`, `Terms`, `Members`, `Events`,
// `Coupons`, `Wallets`, `Orders`, `Metrics`; `Calendar` knows the days of a time zone. No mutation
// calls them yet: what reads the values from a transaction's rows and writes the changes back is
// still to come. ``SampleClub`` is a club made up for trying things out, whose rows keep the rules.
//
// **Invariants.** What is made here is consistent: each account is the sum of its ledger, each tier
// follows from the points earned, each event has as many seats taken as its registrations hold.
// Tables and fields are found by their names in the schema; one that is missing is reported, never
// assumed.
//
// **Absent on purpose.** No clock and no source of randomness: both come in as values, so that the
// same call gives the same rows everywhere. No GraphQL, no files, no network.
