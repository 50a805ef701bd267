import Engine
import Store

/// Memberships of members who become one, and apart again.
extension MergeDesk {
    /// Terms of one type that do not overlap become those of one membership; otherwise both
    /// memberships are kept, and those that overlap are flagged for staff.
    func joinMemberships(
        from absorbed: RowRef, to survivor: RowRef, _ record: inout MergeRecord, _ call: RuleCall
    ) throws(MutationStop) {
        let table = holdings.memberships
        var moved: [String] = []
        for theirs in call.data.rows(table.ofMember, .row(absorbed)) {
            if let joined = try join(theirs, of: survivor, call) {
                record.memberships.append(joined)
                continue
            }
            let overlapping = overlapping(theirs, of: survivor, call.data)
            try call.update(table.table, theirs) { $0[table.member] = survivor }
            moved.append(call.data.id(theirs, of: table.table))
            for ref in overlapping.isEmpty ? [] : overlapping + [theirs]
            where !call.data.row(table.table, ref)[table.needsReview] {
                try call.update(table.table, ref) { $0[table.needsReview] = true }
                record.flagged.append(call.data.id(ref, of: table.table))
            }
        }
        record.moved.append(
            MergeRecord.Moved(table: "Membership", field: "member", ids: moved))
    }

    /// The survivor's own memberships of the same chapter that are not cancelled, when this one is
    /// not either.
    private func overlapping(
        _ membership: RowRef, of survivor: RowRef, _ data: DataView
    ) -> [RowRef] {
        let table = holdings.memberships
        func isLive(_ ref: RowRef) -> Bool {
            let row = data.row(table.table, ref)
            return row[table.status] != .cancelled && row[table.inheritedFrom] == nil
        }
        func chapter(_ ref: RowRef) -> RowRef {
            data.row(holdings.types.table, data.row(table.table, ref)[table.type])[
                holdings.types.chapter]
        }
        guard isLive(membership) else { return [] }
        return data.rows(table.ofMember, .row(survivor)).filter {
            isLive($0) && chapter($0) == chapter(membership)
        }
    }

    /// Whether nothing but its terms says what a membership is.
    private func isPlain(_ loaded: LoadedHolding, _ data: DataView) -> Bool {
        let holding = loaded.holding
        return holding.inheritedFrom == nil && holding.pending == nil && holding.pause == nil
            && holding.pinned == nil && holding.cancelledFrom == nil && !holding.isDeceased
            && holding.type.unit != .visit && loaded.storedTerms == holding.terms.count
            && data.rows(holdings.memberships.heirs, .row(loaded.ref)).isEmpty
    }

    private func join(
        _ theirs: RowRef, of survivor: RowRef, _ call: RuleCall
    ) throws(MutationStop) -> MergeRecord.Membership? {
        let data = call.data
        let emptied = holdings.load(theirs, data)
        guard isPlain(emptied, data) else { return nil }
        for own in data.rows(holdings.memberships.ofMember, .row(survivor)) {
            var kept = holdings.load(own, data)
            guard kept.holding.type.key == emptied.holding.type.key, isPlain(kept, data),
                Holding.joinedTerms(kept.holding.terms, emptied.holding.terms) != nil
            else { continue }
            let terms = data.rows(holdings.terms.ofMembership, .row(theirs))
            let record = MergeRecord.Membership(
                kept: data.id(own, of: holdings.memberships.table),
                emptied: data.id(theirs, of: holdings.memberships.table),
                terms: terms.map { ref in
                    MergeRecord.Membership.Term(
                        id: data.id(ref, of: holdings.terms.table),
                        seq: data.row(holdings.terms.table, ref)[holdings.terms.seq])
                },
                keptJoinDate: kept.holding.joined,
                emptiedDates: MergeRecord.Span(
                    join: emptied.holding.joined, start: emptied.holding.dates.start,
                    end: emptied.holding.dates.end))
            try renumber(
                data.rows(holdings.terms.ofMembership, .row(own)) + terms, of: own, call)
            kept = holdings.load(own, call.data)
            kept.holding.joined = min(kept.holding.joined, emptied.holding.joined)
            if let run = Holding.lastRun(of: kept.holding.terms) { kept.holding.dates = run }
            try holdings.save(kept, call)
            try call.update(holdings.memberships.table, theirs, isPatch: true) { row in
                row[holdings.memberships.status] = .cancelled
                row[holdings.memberships.cancelledFrom] = emptied.today
                row[holdings.memberships.cancelReason] = "Merge"
                row[holdings.memberships.changesAt] = nil
            }
            return record
        }
        return nil
    }

    /// Lets terms be those of a membership, numbered by their first day.
    ///
    /// Numbers are unique, so they are first put out of each other's way.
    private func renumber(
        _ terms: [RowRef], of membership: RowRef, _ call: RuleCall
    ) throws(MutationStop) {
        let table = holdings.terms
        let data = call.data
        let sorted = terms.sorted {
            let (first, second) = (data.row(table.table, $0), data.row(table.table, $1))
            return (first[table.startDate], first[table.seq])
                < (second[table.startDate], second[table.seq])
        }
        for (place, term) in sorted.enumerated() {
            try call.update(table.table, term) { row in
                row[table.seq] = 1_000_000 + place
                row[table.membership] = membership
            }
        }
        for (place, term) in sorted.enumerated() {
            try call.update(table.table, term) { $0[table.seq] = place + 1 }
        }
    }

    /// Gives an emptied membership its terms back.
    func part(_ joined: MergeRecord.Membership, _ call: RuleCall) throws(MutationStop) {
        let table = holdings.memberships
        guard let own = call.data.unguarded.ref(id: joined.kept, in: table.table),
            let theirs = call.data.unguarded.ref(id: joined.emptied, in: table.table)
        else { return }
        let moved = joined.terms.compactMap { term in
            call.data.unguarded.ref(id: term.id, in: holdings.terms.table).map { ($0, term.seq) }
        }
        for (ref, seq) in moved {
            try call.update(holdings.terms.table, ref) { row in
                row[holdings.terms.membership] = theirs
                row[holdings.terms.seq] = seq
            }
        }
        try renumber(
            call.data.rows(holdings.terms.ofMembership, .row(own)), of: own, call)
        try call.update(table.table, theirs) { row in
            row[table.cancelledFrom] = nil
            row[table.cancelReason] = nil
        }
        var emptied = holdings.load(theirs, call.data)
        emptied.holding.cancelledFrom = nil
        emptied.holding.joined = joined.emptiedDates.join
        emptied.holding.dates = TermDates(
            start: joined.emptiedDates.start, end: joined.emptiedDates.end)
        try holdings.save(emptied, call)
        var kept = holdings.load(own, call.data)
        kept.holding.joined = joined.keptJoinDate
        if let run = Holding.lastRun(of: kept.holding.terms) { kept.holding.dates = run }
        try holdings.save(kept, call)
    }
}
