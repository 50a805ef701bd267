import GraphQL

/// The known name that is closest to a mistaken one, if any is close.
func closestName(to input: String, among names: some Sequence<String>) -> String? {
    suggestions(for: input, among: names).first
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
