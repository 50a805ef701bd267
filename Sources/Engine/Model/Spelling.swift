/// The known name that is closest to a mistaken one, if any is close.
///
/// Close means an edit distance, ignoring case, of at most two fifths of the input's length, plus
/// one. O(names × length²); for messages only.
func closestName(to input: String, among names: some Sequence<String>) -> String? {
    let wanted = Array(input.lowercased().utf8)
    var best: (name: String, distance: Int)?
    for name in names.sorted() {
        let distance = editDistance(wanted, Array(name.lowercased().utf8))
        guard distance <= wanted.count * 2 / 5 + 1 else { continue }
        if distance < best?.distance ?? .max { best = (name, distance) }
    }
    return best?.name
}

/// `did you mean "email"?`, or the names there are, or nil when there are none.
func spellingHint(for input: String, among names: [String], quote: String = "\"") -> String? {
    if let name = closestName(to: input, among: names) {
        return "did you mean \(quote)\(name)\(quote)?"
    }
    guard !names.isEmpty else { return nil }
    return (names.count == 1 ? "there is only " : "there are ")
        + phrase(names.map { "\(quote)\($0)\(quote)" }, "and")
}

/// `a`, `a and b`, `a, b and c`.
func phrase(_ items: [String], _ conjunction: String) -> String {
    guard let last = items.last, items.count > 1 else { return items.first ?? "" }
    return items.dropLast().joined(separator: ", ") + " \(conjunction) \(last)"
}

/// Insertions, deletions, substitutions and swaps of neighbours that make one text the other.
private func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    if left.isEmpty || right.isEmpty { return max(left.count, right.count) }
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for row in 1...left.count {
        var current = [row]
        for column in 1...right.count {
            let isSame = left[row - 1] == right[column - 1]
            var cell = min(
                last[column] + 1, current[column - 1] + 1, last[column - 1] + (isSame ? 0 : 1))
            let isSwap =
                row > 1 && column > 1 && left[row - 1] == right[column - 2]
                && left[row - 2] == right[column - 1]
            if isSwap { cell = min(cell, beforeLast[column - 2] + 1) }
            current.append(cell)
        }
        (beforeLast, last) = (last, current)
    }
    return last[right.count]
}
