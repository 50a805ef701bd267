import Engine
import Store

/// Makes two members again of those whom a merge made one: each row that came with the absorbed
/// member goes back, and what came to be since stays with the survivor.
struct UnmergeMembers: MutationRule {
    static let name = "members.unmerge"

    private let id: InputField<String>
    private let acceptsShortage: InputField<Bool>
    private let merging: MergeDesk
    private let payload: ResultShape

    init(_ binder: RuleBinder) {
        id = binder.input("mergeId")
        acceptsShortage = binder.input("acceptsShortage")
        merging = binder.shared()
        payload = binder.output("merge")
    }

    func run(_ call: RuleCall) throws(MutationStop) {
        let merges = merging.merges
        let merge = try call.row(call[id], in: merges.table, at: "mergeId")
        let row = call.data.row(merges.table, merge)
        let (survivor, absorbed) = (row[merges.survivor], row[merges.absorbed])
        if row[merges.status] == .unmerged {
            throw merging.refuse(.alreadyUndone, at: "mergeId", call)
        }
        guard let record = MergeRecord(json: row[merges.moved].text) else {
            throw call.refuse(
                RuleCode.mergeNotUndoable.code, "What the merge moved is not known.",
                at: "mergeId")
        }
        try checkSurvivor(survivor, call)
        call.audit(merging.members.table, survivor)
        call.audit(merging.members.table, absorbed)
        call.audit(merges.table, merge)
        try merging.undo(
            record, merge, absorbed, from: survivor, acceptsShortage: call[acceptsShortage], call)
        call.answer(payload, .row(merge))
    }

    /// What a survivor who was absorbed in turn took along is undone first.
    private func checkSurvivor(_ survivor: RowRef, _ call: RuleCall) throws(MutationStop) {
        do throws(MemberRefusal) {
            try merging.desk.standing(survivor, call.data).check(.edit)
        } catch {
            let message = merging.desk.message(error, survivor, call.data)
            throw call.refuse(
                RuleCode.mergeNotUndoable.code, "\(message) That comes first.", at: "mergeId")
        }
    }
}

extension MergeDesk {
    func undo(
        _ record: MergeRecord, _ merge: RowRef, _ absorbed: RowRef, from survivor: RowRef,
        acceptsShortage: Bool, _ call: RuleCall
    ) throws(MutationStop) {
        // The absorbed member acts again before anything comes back to it.
        try call.update(members.table, absorbed, isPatch: true) { row in
            row[members.status] = MemberStatus(rawValue: record.absorbedStatus) ?? .active
            row[members.mergedInto] = nil
        }
        try call.update(merges.table, merge) { row in
            row[merges.status] = .unmerged
            row[merges.undoneAt] = call.now
        }
        let reason = "Merge undone"
        try points.transferBack(
            record.points.compactMap {
                call.data.unguarded.ref(id: $0, in: points.books.entries.table)
            },
            to: absorbed, acceptsShortage: acceptsShortage, reason: reason, call)
        try wallets.transferBack(
            moves(record, call.data), reason: reason, acceptsShortage: acceptsShortage,
            at: "mergeId", call)
        for moved in record.moved { try moveBack(moved, to: absorbed, from: survivor, call) }
        try restorePrimaries(record, of: absorbed, call)
        for joined in record.memberships.reversed() { try part(joined, call) }
        try unflag(record, call)
        try restoreRegistrations(record, call)
        try restoreConsents(record, of: survivor, call)
        try restoreFields(record, of: survivor, call)
        try restoreTiers(record, of: survivor, absorbed, call)
    }

    private func moves(_ record: MergeRecord, _ data: DataView) -> [WalletMove] {
        record.wallets.compactMap { move in
            guard let from = data.unguarded.ref(id: move.from, in: wallets.wallets.table),
                let to = data.unguarded.ref(id: move.to, in: wallets.wallets.table)
            else { return nil }
            return WalletMove(
                from: from, to: to, principal: move.principal,
                bonuses: move.bonuses.compactMap { part in
                    guard let from = data.unguarded.ref(id: part.from, in: wallets.bonuses.table),
                        let to = data.unguarded.ref(id: part.to, in: wallets.bonuses.table)
                    else { return nil }
                    return WalletMove.Part(from: from, to: to, amount: part.amount)
                })
        }
    }

    /// Rows that are gone, or somebody else's by now, stay so.
    private func moveBack(
        _ moved: MergeRecord.Moved, to absorbed: RowRef, from survivor: RowRef, _ call: RuleCall
    ) throws(MutationStop) {
        func back(_ table: RuleTable, _ field: RowField<RowRef>) throws(MutationStop) {
            for id in moved.ids {
                guard let row = call.data.unguarded.ref(id: id, in: table),
                    call.data.row(table, row)[field] == survivor
                else { continue }
                try call.update(table, row) { $0[field] = absorbed }
            }
        }
        switch moved.table {
        case "MemberIdentity": try back(identities.table, identities.member)
        case "MemberTag": try back(worn.table, worn.member)
        case "SegmentMember": try back(contained.table, contained.member)
        case "EventRegistration":
            try back(registrations.registrations.table, registrations.registrations.member)
        case "Membership":
            try back(holdings.memberships.table, holdings.memberships.member)
        default:
            guard let reference = movable.reference(moved.table, moved.field) else { return }
            for id in moved.ids {
                guard let row = call.data.unguarded.ref(id: id, in: reference.table),
                    call.data.row(reference.table, row)[reference.field] == survivor
                else { continue }
                try call.update(reference.table, row) { $0[reference.field] = absorbed }
                try call.visit(1)
            }
        }
    }

    private func restorePrimaries(
        _ record: MergeRecord, of absorbed: RowRef, _ call: RuleCall
    ) throws(MutationStop) {
        for id in record.demoted {
            guard let identity = call.data.unguarded.ref(id: id, in: identities.table) else {
                continue
            }
            let row = call.data.row(identities.table, identity)
            let kind = row[identities.kind]
            let isTaken = profiles.ofMember(absorbed, call.data).contains {
                $0.kind == kind && $0.isPrimary
            }
            if isTaken || row[identities.member] != absorbed { continue }
            try call.update(identities.table, identity) { $0[identities.primary] = true }
        }
    }

    private func unflag(_ record: MergeRecord, _ call: RuleCall) throws(MutationStop) {
        let table = holdings.memberships
        for id in record.flagged {
            guard let membership = call.data.unguarded.ref(id: id, in: table.table) else {
                continue
            }
            try call.update(table.table, membership) { $0[table.needsReview] = false }
        }
    }

    private func restoreRegistrations(
        _ record: MergeRecord, _ call: RuleCall
    ) throws(MutationStop) {
        let table = registrations.registrations
        for cancelled in record.cancelled.reversed() {
            guard let status = RegistrationStatus(rawValue: cancelled.status),
                let registration = call.data.unguarded.ref(id: cancelled.id, in: table.table),
                call.data.row(table.table, registration)[table.status] == .cancelled
            else { continue }
            try registrations.takeUp(registration, as: status, call)
        }
    }

    /// Consents that the merge took away come back, unless the member spoke since.
    private func restoreConsents(
        _ record: MergeRecord, of survivor: RowRef, _ call: RuleCall
    ) throws(MutationStop) {
        for withdrawn in record.withdrawn {
            guard let purpose = ConsentPurpose(rawValue: withdrawn.purpose),
                let channel = Channel(rawValue: withdrawn.channel)
            else { continue }
            let latest = call.data.rows(consents.ofMember, .row(survivor)).last { ref in
                let row = call.data.row(consents.table, ref)
                return row[consents.channel] == channel && row[consents.purpose] == purpose
            }
            guard let latest else { continue }
            let row = call.data.row(consents.table, latest)
            // The merge's own line names no evidence and came from this server.
            guard !row[consents.granted], row[consents.source] == .api,
                row[consents.evidence] == nil
            else { continue }
            try consents.add(
                ConsentEntry(channel: withdrawn.channel, purpose: purpose, isGranted: true),
                of: survivor, source: .api, evidence: nil, call)
        }
    }

    /// Each field that is still what the merge made it is what it was before.
    private func restoreFields(
        _ record: MergeRecord, of survivor: RowRef, _ call: RuleCall
    ) throws(MutationStop) {
        var now = fields(of: survivor, call.data)
        let (before, after) = (record.before, record.after)
        if now.name == after.name { now.name = before.name }
        if now.gender == after.gender { now.gender = before.gender }
        if now.birthday == after.birthday { now.birthday = before.birthday }
        if now.homeChapter == after.homeChapter { now.homeChapter = before.homeChapter }
        if now.preferences == after.preferences { now.preferences = before.preferences }
        if now.attributes == after.attributes { now.attributes = before.attributes }
        if now.joinedAt == after.joinedAt { now.joinedAt = before.joinedAt }
        if now.lastActiveAt == after.lastActiveAt { now.lastActiveAt = before.lastActiveAt }
        try write(now, to: survivor, call)
    }

    private func restoreTiers(
        _ record: MergeRecord, of survivor: RowRef, _ absorbed: RowRef, _ call: RuleCall
    ) throws(MutationStop) {
        for tier in record.tiers {
            let data = call.data
            guard let after = data.unguarded.ref(id: tier.after, in: tiers.assignments.table) else {
                continue
            }
            let row = data.row(tiers.assignments.table, after)
            // A tier that was given since is not the merge's.
            guard row[tiers.assignments.effectiveTo] == nil,
                let id = tier.tier, let old = data.unguarded.ref(id: id, in: tiers.tiers.table),
                old != row[tiers.assignments.tier]
            else { continue }
            try tiers.give(old, to: survivor, reason: .reversed, note: nil, call)
        }
        for member in [survivor, absorbed] {
            for (program, _) in openTiers(of: member, call.data) {
                try tiers.evaluate(member, program, call)
            }
        }
    }
}

extension RegistrationDesk {
    /// Lets a registration that gave way to another be what it was, if its seats are still free;
    /// otherwise it stays cancelled.
    func takeUp(
        _ registration: RowRef, as status: RegistrationStatus, _ call: RuleCall
    ) throws(MutationStop) {
        let row = call.data.row(registrations.table, registration)
        let (event, seats) = (row[registrations.event], row[registrations.seats])
        let held = call.data.row(events.table, event)
        let taken = held[events.seatsTaken]
        // What was offered is offered no more: it waits again.
        let status = status == .offered ? RegistrationStatus.waitlisted : status
        if status.holdsSeats {
            if let capacity = held[events.capacity], capacity - taken < seats { return }
            try call.update(events.table, event) { $0[events.seatsTaken] = taken + seats }
        }
        call.audit(registrations.table, registration)
        try call.update(registrations.table, registration) { row in
            row[registrations.status] = status
            row[registrations.reason] = nil
        }
    }
}
