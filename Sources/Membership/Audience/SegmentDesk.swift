import Engine
import Foundation
import Store

/// Where other subjects ask who is in a segment, and where segments are filled.
struct SegmentDesk: BoundTables {
    let segments: SegmentTable
    let contained: SegmentMemberTable
    let members: MemberTable

    init(_ binder: RuleBinder) {
        segments = binder.shared()
        contained = binder.shared()
        members = binder.shared()
    }

    // MARK: Asking

    func members(of segment: RowRef, _ data: DataView) -> [RowRef] {
        data.rows(contained.ofSegment, .row(segment)).map {
            data.row(contained.table, $0)[contained.member]
        }
    }

    func contains(_ member: RowRef, in segment: RowRef, _ data: DataView) -> Bool {
        data.find(contained.byPair, .row(segment), .row(member)) != nil
    }

    // MARK: Finding

    /// Whom a rule finds: members who are merged or erased are in no segment.
    func found(by rule: String, _ data: DataView) throws(FilterFault) -> [RowRef] {
        let filter = try data.filter(rule, of: members.table)
        return data.rows(filter).filter { isEligible($0, data) }
    }

    func isEligible(_ member: RowRef, _ data: DataView) -> Bool {
        let status = data.row(members.table, member)[members.status]
        return status != .merged && status != .erased
    }

    /// Fills a segment with these members.
    func fill(
        _ segment: RowRef, with wanted: [RowRef], _ call: RuleCall
    ) throws(MutationStop) {
        var missing = Set(wanted)
        var leaving: [RowRef] = []
        for ref in call.data.rows(contained.ofSegment, .row(segment)) {
            let member = call.data.row(contained.table, ref)[contained.member]
            if missing.remove(member) == nil { leaving.append(ref) }
        }
        for ref in leaving { try call.delete(contained.table, ref) }
        // In the order in which they were found, so that every run gives the same rows.
        for member in wanted where missing.remove(member) != nil {
            try call.insert(contained.table) { row in
                row[contained.segment] = segment
                row[contained.member] = member
            }
        }
        let count = call.data.count(contained.ofSegment, .row(segment))
        try call.update(segments.table, segment) { row in
            row[segments.memberCount] = count
            row[segments.evaluatedAt] = call.now
        }
    }

    /// Fills all dynamic segments anew, each after those that its rule names.
    ///
    /// - Returns: how many there are.
    func refresh(_ call: RuleCall) throws(MutationStop) -> Int {
        var open: [RowRef] = []
        call.data.forEach(segments.table) { ref, row in
            if row[segments.kind] == .dynamic { open.append(ref) }
        }
        open.sort { $0.rawValue < $1.rawValue }
        var done: Set<RowRef> = []
        var count = 0
        while !open.isEmpty {
            // Rules name no ring of segments; one that a ring of renamed ones made is cut here.
            let ready = open.filter { segment in
                references(of: segment, call.data).allSatisfy {
                    done.contains($0) || !open.contains($0)
                }
            }
            for segment in ready.isEmpty ? [open[0]] : ready {
                try refresh(segment, call)
                done.insert(segment)
                open.removeAll { $0 == segment }
                count += 1
            }
        }
        return count
    }

    private func refresh(_ segment: RowRef, _ call: RuleCall) throws(MutationStop) {
        let data = call.data
        guard let rule = data.row(segments.table, segment)[segments.rule] else { return }
        // A rule that the schema has outgrown keeps whom it found last.
        guard let found = try? found(by: rule.text, data) else { return }
        try fill(segment, with: found, call)
        try call.visit(found.count)
    }

    // MARK: Rules that name segments

    /// The segments that a segment's rule names.
    private func references(of segment: RowRef, _ data: DataView) -> [RowRef] {
        guard let rule = data.row(segments.table, segment)[segments.rule] else { return [] }
        return SegmentRule(rule.text).names.compactMap { find($0, data) }
    }

    func find(_ name: SegmentRule.Name, _ data: DataView) -> RowRef? {
        switch name {
        case .id(let id): data.ref(id: id, in: segments.table)
        case .name(let name): data.find(segments.byName, .text(name))
        }
    }

    /// What is wrong with a rule for a segment: it is no filter, or leads to the segment itself.
    ///
    /// - Parameters:
    ///   - segment: nil for one that is not there yet.
    ///   - name: of the segment.
    func fault(
        of rule: String, for segment: RowRef?, named name: String, _ data: DataView
    ) -> String? {
        do throws(FilterFault) {
            _ = try data.filter(rule, of: members.table)
        } catch {
            return error.message
        }
        let parsed = SegmentRule(rule)
        if parsed.isVague {
            return "A rule names other segments by their id or name, with eq or in."
        }
        var open: [RowRef] = []
        for reference in parsed.names {
            if reference == .name(name) { return "A segment's rule cannot ask for itself." }
            guard let other = find(reference, data) else {
                return "There is no segment \(reference.text)."
            }
            open.append(other)
        }
        var seen: Set<RowRef> = []
        while let next = open.popLast() {
            if next == segment { return "A segment's rule cannot ask for itself." }
            if seen.insert(next).inserted { open += references(of: next, data) }
        }
        return nil
    }
}

/// The segments that a filter of members names.
struct SegmentRule {
    enum Name: Hashable, Sendable {
        case id(String)
        case name(String)

        var text: String {
            switch self {
            case .id(let text), .name(let text): JSONMembers.quoted(text)
            }
        }
    }

    private(set) var names: [Name] = []
    /// Whether it asks for segments otherwise than by name.
    private(set) var isVague = false

    /// - Parameter json: a valid filter.
    init(_ json: String) {
        let value = try? JSONSerialization.jsonObject(
            with: Data(json.utf8), options: [.fragmentsAllowed])
        look(value)
    }

    private mutating func look(_ value: Any?) {
        if let object = value as? [String: Any] {
            for (key, inner) in object.sorted(by: { $0.key < $1.key }) {
                if key == "segments" { lookInside(inner) } else { look(inner) }
            }
        } else if let list = value as? [Any] {
            for inner in list { look(inner) }
        }
    }

    /// A filter of segments: what it says of ids and names is understood, anything else is vague.
    private mutating func lookInside(_ value: Any) {
        if let list = value as? [Any] {
            for inner in list { lookInside(inner) }
            return
        }
        guard let object = value as? [String: Any] else { return }
        for (key, inner) in object.sorted(by: { $0.key < $1.key }) {
            switch key {
            case "some", "none", "every", "and", "or", "not": lookInside(inner)
            case "id": take(inner) { .id($0) }
            case "name": take(inner) { .name($0) }
            default: isVague = true
            }
        }
    }

    private mutating func take(_ filter: Any, _ make: (String) -> Name) {
        guard let operators = filter as? [String: Any] else { return }
        for (key, value) in operators {
            switch (key, value) {
            case ("eq", let text as String), ("ne", let text as String): names.append(make(text))
            case ("in", let list as [String]), ("notIn", let list as [String]):
                names += list.map(make)
            default: isVague = true
            }
        }
    }
}
