import Bytes
import Dispatch
import Store

extension SeededRandom {
    /// True once in `bound` times.
    mutating func isOne(in bound: Int) -> Bool { below(bound) == 0 }
}

/// A few random transactions on the club, and what they did.
// Safe: `steps` is written by the writer's thread before `finish`, and read behind `done`.
final class ClubJob: WriteJob, @unchecked Sendable {
    private var chance: SeededRandom
    private let shape: ClubShape
    private let store: Store
    private let done = DispatchSemaphore(value: 0)
    private var steps: [ClubModel.Step] = []
    private var result: Result<UInt64, StorageFailure>?

    /// What a transaction throws that is to leave no trace.
    private struct ChangeOfMind: Error {}

    init(_ chance: SeededRandom, _ shape: ClubShape, _ store: Store) {
        self.chance = chance
        self.shape = shape
        self.store = store
    }

    func run(_ group: WriteGroup) {
        steps = []
        for _ in 0...chance.below(3) {
            var done: [ClubModel.Step] = []
            do {
                try group.transaction { transaction in
                    for _ in 0...chance.below(4) {
                        if let step = try step(in: transaction) { done.append(step) }
                    }
                    if chance.isOne(in: 10) { throw ChangeOfMind() }
                }
                steps += done
            } catch {}
        }
    }

    func finish(_ result: Result<UInt64, StorageFailure>) {
        self.result = result
        done.signal()
    }

    /// Waits for the end: what was done, and whether it is said to last.
    func wait() -> (steps: [ClubModel.Step], result: Result<UInt64, StorageFailure>) {
        done.wait()
        return (steps, result ?? .failure(.stopping))
    }

    // MARK: Changes

    private func step(in transaction: Transaction) throws -> ClubModel.Step? {
        switch chance.below(10) {
        case 0...2: return try insertMember(transaction)
        case 3: return try insertAccount(transaction)
        case 4: return try insertEntry(transaction)
        case 5: return shape.hasTags ? try insertTag(transaction) : nil
        case 6, 7: return try updateMember(transaction)
        case 8: return try updateAccount(transaction)
        default:
            let tables =
                [ClubShape.member, ClubShape.account] + (shape.hasTags ? [ClubShape.tag] : [])
            let table = tables[chance.below(tables.count)]
            guard let ref = anyRow(of: table, transaction) else { return nil }
            do { try transaction.delete(table, ref) } catch { return nil }
            return .delete(name(table), ref.rawValue, now: transaction.now)
        }
    }

    private func name(_ table: TableID) -> String { store.definition.tables[table.index].name }

    private func anyRow(of table: TableID, _ transaction: Transaction) -> RowRef? {
        let rows = transaction.view.table(table)
        guard rows.count > 0 else { return nil }
        var cursor = transaction.view.tree(store.creationIndex(of: table))
            .cursor(atRank: chance.below(rows.count))
        return cursor.next()?.ref
    }

    private func insert(
        _ table: TableID, _ values: [String: Cell], _ transaction: Transaction
    ) throws -> ClubModel.Step? {
        let row = store.makeRowBuilder(table)
        var all = values
        all["id"] = .text("\(chance.next() % 100_000)")
        set(all, in: row, table)
        let ref: RowRef
        do { ref = try transaction.insert(table, row) } catch { return nil }
        for column in store.definition.tables[table.index].columns where all[column.name] == nil {
            all[column.name] = .null
        }
        all["version"] = .int(1)
        all["createdAt"] = .int(transaction.now)
        all["updatedAt"] = .int(transaction.now)
        let creation = transaction.view.table(table).row(ref).creation
        return .insert(
            name(table), ref.rawValue, ClubModel.Row(creation: creation, values: all))
    }

    private func update(
        _ table: TableID, _ values: [String: Cell], _ transaction: Transaction
    ) throws -> ClubModel.Step? {
        guard let ref = anyRow(of: table, transaction) else { return nil }
        let row = store.makeRowBuilder(table)
        set(values, in: row, table)
        do {
            guard try transaction.update(table, ref, changes: row, raisesVersion: true) else {
                return nil
            }
        } catch { return nil }
        return .update(name(table), ref.rawValue, values, now: transaction.now)
    }

    private func set(_ values: [String: Cell], in row: RowBuilder, _ table: TableID) {
        for (position, column) in store.definition.tables[table.index].columns.enumerated() {
            switch values[column.name] {
            case nil: continue
            case .null: row.setNull(position)
            case .int(let value): row.set(position, int: value)
            case .double(let value): row.set(position, double: value)
            case .text(let value): row.set(position, text: value)
            case .row(let value): row.set(position, reference: RowRef(rawValue: value))
            }
        }
    }

    private func insertMember(_ transaction: Transaction) throws -> ClubModel.Step? {
        var values: [String: Cell] = [
            "email": .text("m\(chance.below(400))@example.org"), "city": city(),
            "state": .int(Int64(chance.below(2))), "address": address(),
        ]
        if shape.hasPhone { values["phone"] = city() }
        if shape.hasLevel { values["level"] = .int(Int64(chance.below(1000)) - 500) }
        return try insert(ClubShape.member, values, transaction)
    }

    private func updateMember(_ transaction: Transaction) throws -> ClubModel.Step? {
        var values: [String: Cell] = ["city": city()]
        if chance.isOne(in: 3) { values["address"] = address() }
        if chance.isOne(in: 3) { values["email"] = .text("m\(chance.below(400))@example.org") }
        if shape.hasPhone && chance.isOne(in: 2) { values["phone"] = city() }
        return try update(ClubShape.member, values, transaction)
    }

    private func insertAccount(_ transaction: Transaction) throws -> ClubModel.Step? {
        let owner = anyRow(of: ClubShape.member, transaction)
        return try insert(
            ClubShape.account,
            [
                "owner": owner.map { .row($0.rawValue) } ?? .null,
                "balance": .int(Int64(chance.below(1_000_000))),
                "rate": chance.isOne(in: 3) ? .null : .double(Double(chance.below(1000)) / 7),
                "open": .int(Int64(chance.below(2))),
            ], transaction)
    }

    private func updateAccount(_ transaction: Transaction) throws -> ClubModel.Step? {
        try update(
            ClubShape.account,
            ["balance": .int(Int64(chance.below(1 << 40))), "open": .int(Int64(chance.below(2)))],
            transaction)
    }

    private func insertEntry(_ transaction: Transaction) throws -> ClubModel.Step? {
        guard let account = anyRow(of: ClubShape.account, transaction) else { return nil }
        return try insert(
            ClubShape.entry,
            [
                "account": .row(account.rawValue),
                "delta": .int(Int64(chance.below(2000)) - 1000),
            ], transaction)
    }

    private func insertTag(_ transaction: Transaction) throws -> ClubModel.Step? {
        let member = anyRow(of: ClubShape.member, transaction)
        return try insert(
            ClubShape.tag, ["member": member.map { .row($0.rawValue) } ?? .null], transaction)
    }

    private func city() -> Cell {
        switch chance.below(5) {
        case 0: .null
        case 1: .text("")
        case 2: .text("quoted \"\\\" \u{1} line\nbreak")
        case 3: .text("Malmö 会员 \(chance.below(9))")
        default: .text(String(repeating: "x", count: chance.below(300)))
        }
    }

    private func address() -> Cell {
        chance.isOne(in: 2) ? .null : .text("street \(chance.below(99)), \"rear\"")
    }
}
