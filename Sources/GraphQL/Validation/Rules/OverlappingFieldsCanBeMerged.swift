/// Fields that answer under the same name are the same field with the same arguments, wherever
/// both can apply, and have answers of the same shape everywhere.
///
/// Whether there is a conflict is found by merging (`FieldMerging`), at a cost that hardly
/// depends on how often fields repeat. Only then the conflicts are explained (`FieldConflicts`),
/// pair by pair and with a bound.
///
/// Source: GraphQL, September 2025, §5.3.2
/// <https://spec.graphql.org/September2025/#sec-Field-Selection-Merging>
enum OverlappingFieldsCanBeMerged: WholeRule {
    static let name = "OverlappingFieldsCanBeMerged"

    static func finish(_ context: ValidationContext) {
        var merging = FieldMerging(context.facts, schema: context.schema)
        switch merging.check() {
        case .mergeable: break
        case .exhausted:
            context.report("Validation aborted.", at: [], moment: .max)
        case .conflict(let conflict):
            explain(context, else: conflict)
        }
    }

    private static func explain(_ context: ValidationContext, else known: FieldConflict) {
        let facts = context.facts
        var isExplained = false
        var conflicts = FieldConflicts(facts, schema: context.schema)
        func report(_ conflict: FieldConflict, moment: Int) {
            isExplained = true
            let name = FieldConflict.abbreviated(facts.names[conflict.responseName])
            context.report(
                "Fields \"\(name)\" conflict because \(conflict.reason). Use different aliases "
                    + "on the fields to fetch both if this was intentional.",
                at: conflict.offsets1 + conflict.offsets2, moment: moment)
        }
        for (id, set) in facts.selectionSets.enumerated()
        where !set.isInline && !context.isFull && !conflicts.isExhausted {
            for conflict in conflicts.within(id) { report(conflict, moment: set.moment) }
        }
        if !isExplained { report(known, moment: context.moment) }
    }
}
