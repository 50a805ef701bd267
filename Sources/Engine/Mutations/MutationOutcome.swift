import Store

/// What a mutation did, as far as its payload shows it.
struct MutationOutcome {
    /// Beside each of the mutation's objects its row, or ``RowRef/none``.
    var rows: [RowRef] = []
    var deletedID: String?
    var count = 0
    var isCreated = false
    /// The rows of a bulk mutation; nil when there are none to show.
    var affected: [UInt32]?
    /// Everything is undone, and only the payload tells what would have been.
    var isDryRun = false
    /// Of a dry run: its rows can only be shown when they are there again.
    var showsRowsUndone = false
    /// Another request with the same idempotency key did it.
    var isReplayed = false
    /// What a rule's payload shows: an object, or null when nothing was done.
    var payload = RuleValue.null
    var clientMutationID: String?
    var errors: [UserError] = []

    /// Makes room for the next mutation's outcome.
    mutating func reset(objectCount: Int) {
        rows.removeAll(keepingCapacity: true)
        for _ in 0..<objectCount { rows.append(.none) }
        deletedID = nil
        count = 0
        isCreated = false
        affected = nil
        isDryRun = false
        showsRowsUndone = false
        isReplayed = false
        payload = .null
        clientMutationID = nil
        errors.removeAll(keepingCapacity: true)
    }

    /// Forgets what was done, when it is undone.
    mutating func undo() {
        for place in rows.indices { rows[place] = .none }
        deletedID = nil
        count = 0
        isCreated = false
        affected = nil
        payload = .null
    }
}
