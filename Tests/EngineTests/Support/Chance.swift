import Bytes

/// Random choices that follow from a seed alone.
final class Chance {
    private var numbers: SeededRandom

    init(seed: UInt64) { numbers = SeededRandom(seed: seed) }

    /// A number from 0 up to `bound`, which is above 0.
    func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &numbers) }

    func between(_ low: Int, _ high: Int) -> Int { Int.random(in: low...high, using: &numbers) }

    func percent(_ share: Int) -> Bool { below(100) < share }

    func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// `count` of the elements, or all when there are fewer, in any order.
    func some<Element>(_ count: Int, of elements: [Element]) -> [Element] {
        Array(elements.shuffled(using: &numbers).prefix(count))
    }
}
