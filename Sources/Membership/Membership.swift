// The domain of membership: what happens to members, points, tiers, events and terms.
//
// **In** come the model and the store of a schema that has the domain's tables; **out** go rows.
// So far the room holds one thing: ``SampleClub``, a club made up for trying things out, whose
// rows keep the rules of the domain.
//
// **Invariants.** What is made here is consistent: each account is the sum of its ledger, each tier
// follows from the points earned, each event has as many seats taken as its registrations hold.
// Tables and fields are found by their names in the schema; one that is missing is reported, never
// assumed.
//
// **Absent on purpose.** No clock and no source of randomness: both come in as values, so that the
// same call gives the same rows everywhere. No GraphQL, no files, no network.
