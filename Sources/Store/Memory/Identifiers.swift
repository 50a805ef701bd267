/// The position of a table in the store's definition.
public struct TableID: Sendable, Hashable {
    public let index: Int

    @inlinable
    public init(_ index: Int) {
        self.index = index
    }
}

/// The position of an index in the store: first the declared ones, in their order, then for every
/// table its creation index and its id index.
public struct IndexID: Sendable, Hashable {
    public let index: Int

    @inlinable
    public init(_ index: Int) {
        self.index = index
    }
}

/// The position of a column in its table. The first ``TableDefinition/systemColumns`` of them are
/// the same in every table.
public typealias ColumnID = Int

/// Where a row lies: the slot within its shard, and the shard, in 32 bits.
///
/// Slots of a shard are given out in order and never again, so that within a shard the order of
/// slots is the order of creation, and a reference never leads to another row than it was made for.
public struct RowRef: Sendable, Hashable {
    public let rawValue: UInt32

    /// No row. Not the same as a null in a column, though a null reference reads as this.
    public static var none: RowRef {
        @inlinable get { RowRef(rawValue: .max) }
    }

    @inlinable
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// - Parameter shardBits: the logarithm of the store's number of shards, `0...6`.
    @inlinable
    public init(slot: Int, shard: Int, shardBits: Int) {
        rawValue = UInt32(truncatingIfNeeded: slot &<< shardBits | shard)
    }

    @inline(__always) @inlinable
    public func slot(shardBits: Int) -> Int {
        Int(truncatingIfNeeded: rawValue) &>> shardBits
    }

    @inline(__always) @inlinable
    public func shard(shardBits: Int) -> Int {
        Int(truncatingIfNeeded: rawValue) & (1 &<< shardBits &- 1)
    }
}

/// The last word of every index entry: the row's creation number in the upper half, its place in
/// the lower. The order of locators is the order of creation, and no two rows of a table share one.
public struct Locator: Sendable, Hashable, Comparable {
    public let rawValue: UInt64

    @inlinable
    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    @inlinable
    public init(creation: UInt32, ref: RowRef) {
        rawValue = UInt64(creation) &<< 32 | UInt64(ref.rawValue)
    }

    /// The number of the row in the order of creation of its table, from 1, never reused.
    @inlinable public var creation: UInt32 { UInt32(truncatingIfNeeded: rawValue &>> 32) }

    @inlinable public var ref: RowRef { RowRef(rawValue: UInt32(truncatingIfNeeded: rawValue)) }

    @inlinable
    public static func < (left: Locator, right: Locator) -> Bool {
        left.rawValue < right.rawValue
    }
}
