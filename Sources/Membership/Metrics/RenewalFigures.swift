import Engine
import Store

/// Which memberships came to their end, and which went on.
struct RenewalFigures: BoundTables {
    private let memberships: MembershipTable
    private let graceDays: RowField<Int>
    private let types: MembershipTypeTable
    let terms: TermTable

    init(_ binder: RuleBinder) {
        memberships = binder.shared()
        types = binder.shared()
        terms = binder.shared()
        graceDays = binder.table("MembershipType")("graceDays")
    }

    /// For each span of days, of the memberships that came to their end in it those that went on.
    ///
    /// Only the terms of memberships with an end within the spans are kept, in one list.
    ///
    /// - Parameter type: only those of this kind.
    func renewals(
        in spans: [Range<Int32>], type: RowRef? = nil, _ scope: FigureScope, _ read: FieldRead
    ) throws(FieldStop) -> [Renewals] {
        let data = read.data
        guard let first = spans.first?.lowerBound, let last = spans.last?.upperBound else {
            return []
        }
        var due = RowSets(of: memberships.table, data)
        var hasTerms = RowSets(of: memberships.table, data)
        try read.walk(terms.table) { _, row in
            let membership = row[terms.membership]
            hasTerms.insert(membership)
            guard let end = row[terms.endDate], end >= first, end < last else { return }
            due.insert(membership)
        }
        var found: [(key: UInt64, term: Term)] = []
        try read.walk(memberships.table) { ref, row in
            let isMeant =
                scope.members.contains(row[memberships.member])
                && row[memberships.status] != .deceased
                && (type == nil || row[memberships.type] == type)
            if !isMeant {
                due.remove(ref)
            } else if !hasTerms.contains(ref), row[memberships.inheritedFrom] == nil,
                row[memberships.status] != .pending, let end = row[memberships.endDate]
            {
                // It came from a file: its dates are its first term.
                let start = row[memberships.startDate]
                found.append(
                    (
                        RenewalFigures.key(ref, 1),
                        Term(
                            seq: 1, kind: .new, type: 0, dates: TermDates(start: start, end: end),
                            countedOn: start)
                    ))
            }
        }
        try read.walk(terms.table) { _, row in
            let membership = row[terms.membership]
            guard due.contains(membership) else { return }
            let seq = row[terms.seq]
            found.append(
                (
                    RenewalFigures.key(membership, seq),
                    Term(
                        seq: seq, kind: row[terms.kind], type: 0,
                        dates: TermDates(start: row[terms.startDate], end: row[terms.endDate]),
                        payment: row[terms.payment].map { Int64($0.rawValue) },
                        countedOn: row[terms.countedOn])
                ))
        }
        found.sort { $0.key < $1.key }
        return count(found, in: spans, data)
    }

    /// Sorts by the membership, then by the term's number.
    private static func key(_ membership: RowRef, _ seq: Int) -> UInt64 {
        UInt64(membership.rawValue) &<< 32 | UInt64(UInt32(clamping: seq))
    }

    private func count(
        _ terms: [(key: UInt64, term: Term)], in spans: [Range<Int32>], _ data: DataView
    ) -> [Renewals] {
        var renewals = spans.map { _ in Renewals() }
        var start = 0
        while start < terms.count {
            let number = terms[start].key &>> 32
            var end = start + 1
            while end < terms.count, terms[end].key &>> 32 == number { end += 1 }
            let row = data.row(memberships.table, RowRef(rawValue: UInt32(number)))
            let grace = data.row(types.table, row[memberships.type])[graceDays]
            let own = terms[start..<end].lazy.map(\.term)
            for place in spans.indices {
                renewals[place].add(
                    own, graceDays: grace, status: row[memberships.status], in: spans[place])
            }
            start = end
        }
        return renewals
    }
}
