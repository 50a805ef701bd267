/// A sequence of numbers that look random and follow from a seed, the same on every machine: for
/// data that is made up, and for tests, which print the seed of a failure. Whoever knows a few of
/// the numbers knows all: not for secrets.
///
/// SplitMix64. Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators",
/// 2014.
public struct SeededRandom: RandomNumberGenerator, Sendable {
    public let seed: UInt64
    @usableFromInline var state: UInt64

    /// - Parameter seed: by default another one each time.
    public init(seed: UInt64 = .random(in: .min ... .max)) {
        self.seed = seed
        state = seed
    }

    @inlinable
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word &>> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word &>> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word &>> 31)
    }

    /// A number in `0..<bound`; `bound` must be positive.
    @inlinable
    public mutating func below(_ bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// A number in a range of fewer than 2^63.
    public mutating func number(in range: ClosedRange<Int>) -> Int {
        range.lowerBound + below(range.count)
    }

    /// True in so many of a hundred cases.
    public mutating func chance(percent: Int) -> Bool { below(100) < percent }

    /// One of the elements, of which there is at least one.
    public mutating func pick<Elements: RandomAccessCollection>(
        _ elements: Elements
    ) -> Elements.Element {
        elements[elements.index(elements.startIndex, offsetBy: below(elements.count))]
    }
}

extension SeededRandom: CustomStringConvertible {
    public var description: String { "seed \(seed)" }
}
