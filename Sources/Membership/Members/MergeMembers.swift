import Engine
import Store

/// Makes one member of two. Rows are re-pointed, never rewritten, and what was done is kept, so that
/// it can be undone exactly (I5).
struct MergeMembers: MutationRule {
    static let name = "members.merge"

    private let survivorID: InputField<String>
    private let absorbedID: InputField<String>
    private let choices: InputField<JSONDocument?>
    private let merging: MergeDesk
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        survivorID = binder.input("survivorId")
        absorbedID = binder.input("absorbedId")
        choices = binder.input("fieldChoices")
        merging = binder.shared()
        payload = binder.output("merge")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let members = merging.members
        let survivor = try call.row(call[survivorID], in: members.table, at: "survivorId")
        let absorbed = try call.row(call[absorbedID], in: members.table, at: "absorbedId")
        let choices = try readChoices(call)
        let decision: MergeDecision
        do throws(MergeRefusal) {
            decision = try MergeDecision(
                merging.mergeMember(survivor, call.data), merging.mergeMember(absorbed, call.data),
                choices: choices)
        } catch {
            let isSurvivor =
                if case .member(let key, _) = error { key == Int64(survivor.rawValue) } else {
                    false
                }
            throw merging.refuse(error, at: isSurvivor ? "survivorId" : "absorbedId", call)
        }
        call.audit(members.table, survivor)
        call.audit(members.table, absorbed)
        let merge = try merging.merge(absorbed, into: survivor, decision, choices, call)
        call.auditNew(merging.merges.table, merge)
        call.answer(payload, .row(merge))
    }

    private func readChoices(_ call: RuleCall) throws(MutationStop) -> [MergeField: MergeSide] {
        guard let json = call[choices] else { return [:] }
        guard let members = JSONMembers(json.text) else {
            throw call.refuse(
                RuleCode.invalid.code, "The choices are an object.", at: "fieldChoices")
        }
        var choices: [MergeField: MergeSide] = [:]
        for member in members.members {
            guard let field = MergeField(rawValue: member.key) else {
                call.note(
                    RuleCode.invalid.code,
                    "A choice is one of "
                        + MergeField.allCases.map(\.rawValue).joined(separator: ", ") + ".",
                    path: ["fieldChoices", member.key])
                continue
            }
            guard let side = MergeSide(rawValue: JSONMembers.decoded(member.value)) else {
                call.note(
                    RuleCode.invalid.code, "A choice is SURVIVOR or ABSORBED.",
                    path: ["fieldChoices", member.key])
                continue
            }
            choices[field] = side
        }
        try call.throwIfRefused()
        return choices
    }
}

extension MergeDesk {
    /// Lets `absorbed` become part of `survivor`.
    ///
    /// - Returns: the row that says so.
    func merge(
        _ absorbed: RowRef, into survivor: RowRef, _ decision: MergeDecision,
        _ choices: [MergeField: MergeSide], _ call: RuleCall
    ) throws(MutationStop) -> RowRef {
        let data = call.data
        let before = fields(of: survivor, data)
        let after = chosen(before, fields(of: absorbed, data), decision)
        var record = MergeRecord(
            absorbedStatus: data.row(members.table, absorbed)[members.status].rawValue,
            before: before, after: after)
        let chosen = choices.map { "\"\($0.key.rawValue)\":\"\($0.value.rawValue)\"" }.sorted()
        // The row comes first: whoever works out tiers finds the absorbed member by it.
        let merge = try call.insert(merges.table) { row in
            row[merges.survivor] = survivor
            row[merges.absorbed] = absorbed
            row[merges.at] = call.now
            row[merges.by] = call.caller
            row[merges.fieldChoices] = JSONDocument("{\(chosen.joined(separator: ","))}")
            row[merges.movedCounts] = JSONDocument("{}")
            row[merges.moved] = JSONDocument("{}")
        }
        try write(after, to: survivor, call)
        try restrictConsents(of: survivor, by: absorbed, &record, call)
        try moveIdentities(from: absorbed, to: survivor, &record, call)
        try moveKeyed(from: absorbed, to: survivor, &record, call)
        try joinMemberships(from: absorbed, to: survivor, &record, call)
        for reference in movable.references where reference.tableName != "MemberIdentity" {
            try move(
                reference.rows(leadingTo: absorbed, call.data), reference, to: survivor, &record,
                call)
        }
        let reason = "Merge of \(data.id(absorbed, of: members.table))"
        record.points = try points.transferAll(
            from: absorbed, to: survivor, reason: reason, call
        ).map { call.data.id($0, of: points.books.entries.table) }
        try moveWallets(from: absorbed, to: survivor, reason, &record, call)
        try mergeTiers(from: absorbed, into: survivor, &record, call)
        try call.update(members.table, absorbed, isPatch: true) { row in
            row[members.status] = .merged
            row[members.mergedInto] = survivor
        }
        try call.update(merges.table, merge) { row in
            row[merges.movedCounts] = JSONDocument(record.countsJSON)
            row[merges.moved] = JSONDocument(record.json)
        }
        try desk.note(
            .merged, of: survivor, at: call.now,
            subjectID: call.data.id(merge, of: merges.table), call)
        return merge
    }

    private func chosen(
        _ own: MergeRecord.Fields, _ theirs: MergeRecord.Fields, _ decision: MergeDecision
    ) -> MergeRecord.Fields {
        var fields = own
        for (field, side) in decision.sources where side == .absorbed {
            switch field {
            case .name: fields.name = theirs.name
            case .gender: fields.gender = theirs.gender
            case .birthday: fields.birthday = theirs.birthday
            case .homeChapter: fields.homeChapter = theirs.homeChapter
            case .preferences: fields.preferences = theirs.preferences
            case .attributes: fields.attributes = theirs.attributes
            }
        }
        fields.joinedAt = decision.joinedAt
        fields.lastActiveAt = decision.lastActiveAt
        return fields
    }

    /// Only that stays granted which both granted.
    private func restrictConsents(
        of survivor: RowRef, by absorbed: RowRef, _ record: inout MergeRecord, _ call: RuleCall
    ) throws(MutationStop) {
        let own = consents.consents(of: survivor, call.data)
        for entry in own.restricted(by: consents.consents(of: absorbed, call.data)) {
            try consents.add(entry, of: survivor, source: .api, evidence: nil, call)
            record.withdrawn.append(
                MergeRecord.Withdrawn(channel: entry.channel, purpose: entry.purpose.rawValue))
        }
    }

    private func moveIdentities(
        from absorbed: RowRef, to survivor: RowRef, _ record: inout MergeRecord, _ call: RuleCall
    ) throws(MutationStop) {
        let theirs = profiles.ofMember(absorbed, call.data)
        let merged = Identity.merged(profiles.ofMember(survivor, call.data), theirs)
        for identity in theirs {
            let isPrimary = merged.contains { $0.key == identity.key && $0.isPrimary }
            try call.update(identities.table, identity.row) { row in
                row[identities.member] = survivor
                row[identities.primary] = isPrimary
            }
            if identity.isPrimary && !isPrimary {
                record.demoted.append(call.data.id(identity.row, of: identities.table))
            }
        }
        record.moved.append(
            MergeRecord.Moved(
                table: "MemberIdentity", field: "member",
                ids: theirs.map { call.data.id($0.row, of: identities.table) }))
    }

    /// What the survivor may have once only: what both have stays with the absorbed member.
    private func moveKeyed(
        from absorbed: RowRef, to survivor: RowRef, _ record: inout MergeRecord, _ call: RuleCall
    ) throws(MutationStop) {
        let tags = call.data.rows(worn.ofMember, .row(absorbed)).filter { ref in
            let tag = call.data.row(worn.table, ref)[worn.tag]
            return call.data.find(worn.byPair, .row(survivor), .row(tag)) == nil
        }
        for tag in tags {
            try call.update(worn.table, tag) { $0[worn.member] = survivor }
        }
        note("MemberTag", tags, in: worn.table, &record, call)
        let places = call.data.rows(contained.ofMember, .row(absorbed)).filter { ref in
            let segment = call.data.row(contained.table, ref)[contained.segment]
            return call.data.find(contained.byPair, .row(segment), .row(survivor)) == nil
        }
        for place in places {
            try call.update(contained.table, place) { $0[contained.member] = survivor }
        }
        note("SegmentMember", places, in: contained.table, &record, call)
        let table = registrations.registrations
        let (all, cancelled) = try registrations.reconcile(
            from: absorbed, to: survivor, reason: "Merge", call)
        record.cancelled = cancelled.map { ref, status in
            MergeRecord.Cancelled(
                id: call.data.id(ref, of: table.table), status: status.rawValue)
        }
        var moved: [RowRef] = []
        for registration in all {
            let row = call.data.row(table.table, registration)
            // Who was at an event twice has two rows that both stay what they are.
            let isTaken =
                row[table.status].isLive
                && call.data.rows(
                    table.ofEventAndMember, .row(row[table.event]), .row(survivor)
                ).contains { call.data.row(table.table, $0)[table.status].isLive }
            if isTaken { continue }
            try call.update(table.table, registration) { $0[table.member] = survivor }
            moved.append(registration)
        }
        note("EventRegistration", moved, in: table.table, &record, call)
    }

    private func note(
        _ name: String, _ rows: [RowRef], in table: RuleTable, _ record: inout MergeRecord,
        _ call: RuleCall
    ) {
        record.moved.append(
            MergeRecord.Moved(
                table: name, field: "member", ids: rows.map { call.data.id($0, of: table) }))
    }

    private func move(
        _ rows: [RowRef], _ reference: RowReference, to survivor: RowRef,
        _ record: inout MergeRecord, _ call: RuleCall
    ) throws(MutationStop) {
        for row in rows {
            try call.update(reference.table, row) { $0[reference.field] = survivor }
            try call.visit(1)
        }
        if rows.isEmpty { return }
        record.moved.append(
            MergeRecord.Moved(
                table: reference.tableName, field: reference.fieldName,
                ids: rows.map { call.data.id($0, of: reference.table) }))
    }

    private func moveWallets(
        from absorbed: RowRef, to survivor: RowRef, _ reason: String,
        _ record: inout MergeRecord, _ call: RuleCall
    ) throws(MutationStop) {
        let moves = try wallets.transferAll(
            from: absorbed, to: survivor, reason: reason, at: "absorbedId", call)
        let data = call.data
        record.wallets = moves.map { move in
            MergeRecord.Wallet(
                from: data.id(move.from, of: wallets.wallets.table),
                to: data.id(move.to, of: wallets.wallets.table), principal: move.principal,
                bonuses: move.bonuses.map { part in
                    MergeRecord.Wallet.Part(
                        from: data.id(part.from, of: wallets.bonuses.table),
                        to: data.id(part.to, of: wallets.bonuses.table), amount: part.amount)
                })
        }
    }

    private func mergeTiers(
        from absorbed: RowRef, into survivor: RowRef, _ record: inout MergeRecord,
        _ call: RuleCall
    ) throws(MutationStop) {
        let before = openTiers(of: survivor, call.data)
        try tiers.merge(absorbed, into: survivor, call)
        let data = call.data
        for (program, open) in openTiers(of: survivor, data) {
            let old = before.first { $0.program == program }?.open
            if old == open { continue }
            let tier = old.map { data.row(tiers.assignments.table, $0)[tiers.assignments.tier] }
            record.tiers.append(
                MergeRecord.Tier(
                    before: old.map { data.id($0, of: tiers.assignments.table) },
                    after: data.id(open, of: tiers.assignments.table),
                    tier: tier.map { data.id($0, of: tiers.tiers.table) }))
        }
    }
}
