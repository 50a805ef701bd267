/// At most so many names stand in a "Did you mean": more would be a list, not a hint.
private let suggestionsMax = 5

/// The known names that are close to a mistaken one, the closest first.
///
/// A name is close when its Damerau–Levenshtein distance, ignoring case, is at most two fifths of
/// the input's length plus one. O(names × length²), where names of a very different length cost
/// nothing; so a very long input is close to nothing and cheap.
public func suggestions(for input: String, among names: some Sequence<String>) -> [String] {
    let distance = LexicalDistance(input)
    let threshold = input.utf8.count * 2 / 5 + 1
    var seen: Set<String> = []
    var close: [(name: String, distance: Int)] = []
    for name in names {
        guard let measured = distance.measure(name, atMost: threshold) else { continue }
        if seen.insert(name).inserted { close.append((name, measured)) }
    }
    close.sort {
        $0.distance != $1.distance
            ? $0.distance < $1.distance : naturallyPrecedes($0.name, $1.name)
    }
    return close.map(\.name)
}

/// ` Did you mean "a", "b", or "c"?`, with its leading space; empty without suggestions.
///
/// - Parameter subject: what stands before the names, such as `the enum value`.
func didYouMean(_ suggestions: [String], subject: String? = nil) -> String {
    guard !suggestions.isEmpty else { return "" }
    let names = alternatives(suggestions.prefix(suggestionsMax).map { "\"\($0)\"" })
    return " Did you mean \(subject.map { $0 + " " } ?? "")\(names)?"
}

/// ` Did you mean …?` for a mistaken name, empty when no known name is close.
func didYouMean(
    _ input: String, among names: some Sequence<String>, subject: String? = nil
) -> String {
    didYouMean(suggestions(for: input, among: names), subject: subject)
}

/// `a`, `a or b`, `a, b, or c`.
func alternatives(_ items: [String]) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    if items.count == 2 { return "\(items[0]) or \(last)" }
    return items.dropLast().joined(separator: ", ") + ", or \(last)"
}

/// The edit distance from one input to many names: insertion, deletion, substitution and the swap
/// of two neighbours cost one each; any change of case alone costs one in all.
private struct LexicalDistance {
    private let input: String
    private let lowercased: [UInt8]

    init(_ input: String) {
        self.input = input
        lowercased = Self.lowercased(input)
    }

    /// The distance, or nil when it is greater than `threshold`.
    func measure(_ name: String, atMost threshold: Int) -> Int? {
        if name == input { return 0 }
        let other = Self.lowercased(name)
        if other == lowercased { return 1 }
        let (long, short) =
            other.count < lowercased.count ? (lowercased, other) : (other, lowercased)
        if long.count - short.count > threshold { return nil }

        var beforeLast: [Int] = []
        var last = Array(0...short.count)
        for i in 1...long.count {
            var current = [i]
            current.reserveCapacity(short.count + 1)
            var smallest = i
            for j in 1..<(short.count + 1) {
                let cost = long[i - 1] == short[j - 1] ? 0 : 1
                var cell = min(last[j] + 1, current[j - 1] + 1, last[j - 1] + cost)
                if i > 1, j > 1, long[i - 1] == short[j - 2], long[i - 2] == short[j - 1] {
                    cell = min(cell, beforeLast[j - 2] + 1)
                }
                smallest = min(smallest, cell)
                current.append(cell)
            }
            if smallest > threshold { return nil }
            (beforeLast, last) = (last, current)
        }
        return last[short.count] <= threshold ? last[short.count] : nil
    }

    /// GraphQL names are ASCII.
    private static func lowercased(_ text: String) -> [UInt8] {
        text.utf8.map { $0 >= 0x41 && $0 <= 0x5A ? $0 | 0x20 : $0 }
    }
}

/// Order in which people count: `Item2` before `Item10`.
func naturallyPrecedes(_ left: String, _ right: String) -> Bool {
    let left = Array(left.utf8)
    let right = Array(right.utf8)
    var i = 0
    var j = 0
    while i < left.count, j < right.count {
        let leftRun = digitRun(in: left, from: i)
        let rightRun = digitRun(in: right, from: j)
        if leftRun.isEmpty || rightRun.isEmpty {
            if left[i] != right[j] { return left[i] < right[j] }
            i += 1
            j += 1
            continue
        }
        let leftDigits = left[leftRun].drop { $0 == 0x30 }
        let rightDigits = right[rightRun].drop { $0 == 0x30 }
        if leftDigits.count != rightDigits.count { return leftDigits.count < rightDigits.count }
        for (a, b) in zip(leftDigits, rightDigits) where a != b { return a < b }
        i = leftRun.upperBound
        j = rightRun.upperBound
    }
    return left.count - i < right.count - j
}

private func digitRun(in bytes: [UInt8], from start: Int) -> Range<Int> {
    var end = start
    while end < bytes.count, bytes[end] >= 0x30, bytes[end] <= 0x39 { end += 1 }
    return start..<end
}
