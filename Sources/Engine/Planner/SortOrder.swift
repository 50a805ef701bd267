import Bytes
import Store

/// The order of a list: keys from the first to the last, then the creation number in the direction
/// of the last key. Nulls come last in both directions unless a key says otherwise.
final class SortOrder: Sendable {
    struct Key: Sendable {
        enum Source: Sendable {
            case column(Column)
            /// The number of rows of a relation.
            case relationCount(Predicate.Relation)
            /// The sum of a column over a relation.
            case relationSum(Predicate.Relation, Column)
        }

        /// One step to another row before the key is read.
        struct Step: Sendable {
            let column: Column
            let target: TableID
        }

        let path: [Step]
        let source: Source
        let isDescending: Bool
        let nullsFirst: Bool
    }

    let keys: [Key]
    /// Newest first among equals.
    let tieIsDescending: Bool
    /// True when one word for each row decides, so that ties need only the creation number.
    let wordDecides: Bool
    /// Identifies table and order inside a cursor, so that a cursor is refused under another order.
    let fingerprint: UInt32

    /// - Parameter description: names the keys and their directions; with the table's name it makes
    ///   the fingerprint.
    init(keys: [Key], over table: TableModel, describedBy description: [UInt8]) {
        self.keys = keys
        let text = Array(table.name.utf8) + [0x3A] + description
        let hash = unsafe text.withUnsafeBytes { unsafe StableHash.hash($0, seed: 1) }
        fingerprint = UInt32(truncatingIfNeeded: hash)
        tieIsDescending = keys.last?.isDescending ?? false
        wordDecides = keys.isEmpty || (keys.count == 1 && !keys[0].isWide)
    }

    /// The word of a row's first key, so that smaller words come first in this order.
    func word(_ row: RowView, _ ref: RowRef, _ view: MeteredView) -> UInt64 {
        guard let key = keys.first else { return 0 }
        return key.directed(key.value(row, ref, view))
    }

    /// Below, at or above zero as the first row comes before, with or after the second.
    func compare(
        _ left: (row: RowView, locator: Locator), _ right: (row: RowView, locator: Locator),
        _ view: MeteredView
    ) -> Int {
        for (place, key) in keys.enumerated() {
            // Few rows are equal in the first key; where all are, this is what takes the time. An
            // order that is given up need not be right.
            if place > 0, !view.meter.work(1) { break }
            let order = key.compare(
                key.value(left.row, left.locator.ref, view),
                key.value(right.row, right.locator.ref, view))
            if order != 0 { return order }
        }
        if left.locator == right.locator { return 0 }
        return (left.locator < right.locator) != tieIsDescending ? -1 : 1
    }

    /// Below, at or above zero as a row comes before, with or after a cursor's place.
    func compare(
        _ row: RowView, _ locator: Locator, _ position: CursorPosition, _ view: MeteredView
    ) -> Int {
        for (key, wanted) in zip(keys, position.values) {
            let own = key.value(row, locator.ref, view)
            let order = wanted.withValue { key.compare(own, $0) }
            if order != 0 { return order }
        }
        if locator.creation == position.creation { return 0 }
        return (locator.creation < position.creation) != tieIsDescending ? -1 : 1
    }
}

extension SortOrder.Key {
    /// The value of a key in one row. Texts point into the page.
    // Safe: a value is used while the version its row belongs to is pinned.
    @safe
    enum Value {
        case null
        case word(UInt64)
        case text(UnsafeRawBufferPointer)
    }

    /// Texts, whose first bytes do not decide, and whatever may be null.
    var isWide: Bool {
        if !path.isEmpty { return true }
        return switch source {
        case .column(let column): column.code == .bytes || column.isNullable
        case .relationCount, .relationSum: false
        }
    }

    func value(_ row: RowView, _ ref: RowRef, _ view: MeteredView) -> Value {
        var row = row
        var ref = ref
        for step in path {
            if row.isNull(step.column) { return .null }
            ref = row.reference(step.column)
            row = view.table(step.target).row(ref)
        }
        switch source {
        case .column(let column):
            if row.isNull(column) { return .null }
            if column.code == .bytes { return unsafe .text(row.bytes(column)) }
            return .word(row.word(column))
        case .relationCount(let relation):
            guard view.meter.work(RelationWalk.countWork) else { return .word(0) }
            return .word(
                KeyEncoding.ordered(int64: Int64(RelationWalk.count(relation, ref, view))))
        case .relationSum(let relation, let column):
            var walk = RelationWalk(relation, ref, view)
            if column.code == .double {
                var sum = 0.0
                while let (row, _) = walk.next() {
                    if !row.isNull(column) { sum += row.double(column) }
                }
                return .word(KeyEncoding.ordered(double: sum))
            }
            var sum = WideSum()
            while let (row, _) = walk.next() {
                if !row.isNull(column) { sum.add(row.integer(column)) }
            }
            return .word(KeyEncoding.ordered(int64: sum.exact ?? (sum.high < 0 ? .min : .max)))
        }
    }

    /// A word that sorts as this key does; equal words need a look at the values where the key
    /// `isWide`.
    func directed(_ value: Value) -> UInt64 {
        switch value {
        case .null: return nullsFirst ? 0 : .max
        case .word(let word): return isDescending ? ~word : word
        case .text(let bytes):
            let word = unsafe KeyEncoding.ordered(text: bytes)
            return isDescending ? ~word : word
        }
    }

    func compare(_ left: Value, _ right: Value) -> Int {
        switch (left, right) {
        case (.null, .null): return 0
        case (.null, _): return nullsFirst ? -1 : 1
        case (_, .null): return nullsFirst ? 1 : -1
        case (.word(let a), .word(let b)):
            if a == b { return 0 }
            return (a < b) != isDescending ? -1 : 1
        case (.text(let a), .text(let b)):
            let order = unsafe TextMatch.order(a, b)
            return isDescending ? -order : order
        case (.word, .text): return -1
        case (.text, .word): return 1
        }
    }
}

/// The place in a list that a cursor names: the values of the order's keys and the creation number
/// of a row that may be gone by now.
struct CursorPosition: Sendable, Equatable {
    enum Value: Sendable, Equatable {
        case null
        case word(UInt64)
        case text([UInt8])

        func withValue<Result>(_ body: (SortOrder.Key.Value) -> Result) -> Result {
            switch self {
            case .null: body(.null)
            case .word(let word): body(.word(word))
            case .text(let bytes): unsafe bytes.withUnsafeBytes { unsafe body(.text($0)) }
            }
        }
    }

    let values: [Value]
    let creation: UInt32
}

/// Cursors as text: base64url without padding over a fingerprint of the order, the creation number
/// and the values of the keys. Clients treat them as opaque.
enum CursorCoding {
    /// Writes the cursor of a row as a JSON string.
    static func write(
        _ order: SortOrder, _ row: RowView, _ ref: RowRef, _ view: MeteredView,
        to output: ByteBuffer, scratch: ByteBuffer
    ) {
        scratch.removeAll()
        append(order.fingerprint, to: scratch)
        append(row.creation, to: scratch)
        for key in order.keys {
            switch key.value(row, ref, view) {
            case .null: scratch.append(byte: 0)
            case .word(let word):
                scratch.append(byte: 1)
                append(UInt32(truncatingIfNeeded: word >> 32), to: scratch)
                append(UInt32(truncatingIfNeeded: word), to: scratch)
            case .text(let bytes):
                scratch.append(byte: 2)
                append(UInt32(truncatingIfNeeded: bytes.count), to: scratch)
                unsafe scratch.append(bytes)
            }
        }
        output.append(byte: UInt8(ascii: "\""))
        unsafe scratch.withUnsafeBytes { unsafe Base64URL.encode($0, to: output) }
        output.append(byte: UInt8(ascii: "\""))
    }

    /// Reads a cursor made under `order`; nil when it was not.
    static func read(_ text: UnsafeRawBufferPointer, _ order: SortOrder) -> CursorPosition? {
        guard let bytes = unsafe Base64URL.decode(text) else { return nil }
        var place = 0
        func number() -> UInt32? {
            guard place + 4 <= bytes.count else { return nil }
            defer { place += 4 }
            return bytes[place..<place + 4].reduce(0) { $0 << 8 | UInt32($1) }
        }
        guard number() == order.fingerprint, let creation = number() else { return nil }
        var values: [CursorPosition.Value] = []
        for _ in order.keys {
            guard place < bytes.count else { return nil }
            place += 1
            switch bytes[place - 1] {
            case 0: values.append(.null)
            case 1:
                guard let high = number(), let low = number() else { return nil }
                values.append(.word(UInt64(high) << 32 | UInt64(low)))
            case 2:
                guard let count = number(), place + Int(count) <= bytes.count else { return nil }
                values.append(.text(Array(bytes[place..<place + Int(count)])))
                place += Int(count)
            default: return nil
            }
        }
        return place == bytes.count ? CursorPosition(values: values, creation: creation) : nil
    }

    private static func append(_ number: UInt32, to buffer: ByteBuffer) {
        for shift in [24, 16, 8, 0] as [UInt32] {
            buffer.append(byte: UInt8(truncatingIfNeeded: number >> shift))
        }
    }
}
