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

    /// Of all who were in `from`, those who are higher now.
    ///
    /// - Parameter rank: of a tier; a member without one is below all.
    func upgradeRate(from: Place, rank: (Int64) -> Int) -> Ratio {
        func height(_ place: Place) -> Int? {
            switch place {
            case .tier(let tier): rank(tier)
            case .none: -1
            case .left: nil
            }
        }
        let row = cells[from] ?? [:]
        let own = height(from) ?? .max
        let up = row.reduce(Int64(0)) { sum, cell in
            sum + ((height(cell.key) ?? .min) > own ? cell.value : 0)
        }
        return Ratio(up, row.values.reduce(0, +))
    }
}
