/// Where members of a tier at one time are at another.
struct TierMatrix: Equatable, Sendable {
    /// A tier, or that there is none.
    enum Place: Hashable, Sendable {
        case tier(Int64)
        /// A member without a tier.
        case none
        /// No longer a member; only at the end.
        case left
    }

    private var cells: [Place: [Place: Int64]] = [:]

    mutating func add(from: Place, to: Place) {
        cells[from, default: [:]][to, default: 0] += 1
    }

    /// Members who went from one to the other, of all who were in the first.
    func cell(from: Place, to: Place) -> Ratio {
        let row = cells[from] ?? [:]
        return Ratio(row[to] ?? 0, row.values.reduce(0, +))
    }
}
