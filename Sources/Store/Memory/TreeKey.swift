/// The words of an index entry, or of a place between entries.
///
/// A tree of stride 1 looks at `locator` alone, one of stride 2 at `first` and `locator`, one of
/// stride 3 at all. Words compare from left to right as unsigned numbers.
public struct TreeKey: Sendable, Hashable {
    public var first: UInt64
    public var second: UInt64
    public var locator: UInt64

    @inlinable
    public init(first: UInt64 = 0, second: UInt64 = 0, locator: UInt64) {
        self.first = first
        self.second = second
        self.locator = locator
    }

    @inlinable
    public init(first: UInt64 = 0, second: UInt64 = 0, locator: Locator) {
        self.init(first: first, second: second, locator: locator.rawValue)
    }

    /// The place before all entries with these words.
    @inlinable
    public static func before(first: UInt64 = 0, second: UInt64 = 0) -> TreeKey {
        TreeKey(first: first, second: second, locator: 0)
    }

    /// The place after all entries with these words.
    @inlinable
    public static func after(first: UInt64 = .max, second: UInt64 = .max) -> TreeKey {
        TreeKey(first: first, second: second, locator: UInt64.max)
    }
}

/// Where two entries have the same word for a text, the texts decide: this compares the text that
/// a key stands for with the text of the row behind a locator. Negative: the key's text is before
/// the row's; zero: they are equal; positive: after it.
public typealias TextTie = (Locator) -> Int
