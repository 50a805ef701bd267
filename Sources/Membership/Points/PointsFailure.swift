/// Why a change of points was refused. Nothing of it has happened then.
public enum PointsFailure: Error, Equatable, Sendable {
    /// `spendable` is what could be spent at this instant, `shortfall` what is missing.
    case insufficientPoints(spendable: Int64, shortfall: Int64)
    /// The amount asked for is 0 or less.
    case nonPositiveAmount(Int64)
    /// An amount or a total would leave ±(2^53 − 1).
    case amountOutOfRange
    /// The program accepts no earning and no redeeming.
    case programClosed
    /// The rules' limits leave nothing of an earning; `allowed` points were left of `asked`.
    case earnLimitReached(asked: Int64, allowed: Int64)
    /// It lies further in the future than clocks differ.
    case occursInFuture(at: Int64, now: Int64)
    /// More should be taken back than is left; 0 when the entry was taken back in full.
    case alreadyReversed(left: Int64)
    /// An entry of this type is not taken back by another.
    case notReversible(PointsEntryType)
    /// A new lot would have lapsed already.
    case lotExpired(at: Int64)
    case lotNotFound(LedgerRef)
    /// Only a pending lot can be activated.
    case lotNotPending(LedgerRef, LotStatus)
    case holdNotOpen(LedgerRef)
    case holdExpired(LedgerRef, at: Int64)
    /// A hold lasts at least a second and at most a year.
    case holdTimeOutOfRange(milliseconds: Int64)
    /// Points are transferred to another member.
    case transferToSelf
    /// Points cannot be moved as a whole while some are held.
    case holdsOpen(count: Int)
    /// The account's rows contradict each other: they were not all written by these rules.
    case ledgerBroken(LedgerContradiction)

    /// The name in the API's enum `ErrorCode`; `nil` for an internal fault.
    public var code: String? {
        switch self {
        case .insufficientPoints: "INSUFFICIENT_POINTS"
        case .nonPositiveAmount: "NON_POSITIVE_AMOUNT"
        case .amountOutOfRange, .occursInFuture, .transferToSelf, .holdTimeOutOfRange: "INVALID"
        case .programClosed: "PROGRAM_CLOSED"
        case .earnLimitReached: "EARN_LIMIT_REACHED"
        case .alreadyReversed: "ALREADY_REVERSED"
        case .notReversible: "NOT_REVERSIBLE"
        case .lotExpired: "LOT_EXPIRED"
        case .lotNotFound: "NOT_FOUND"
        case .lotNotPending: "INVALID_TRANSITION"
        case .holdNotOpen: "HOLD_NOT_OPEN"
        case .holdExpired: "HOLD_EXPIRED"
        case .holdsOpen: "MERGE_CONFLICT"
        case .ledgerBroken: nil
        }
    }
}

/// What contradicts what in an account's rows.
public enum LedgerContradiction: Equatable, Sendable {
    /// The total of active points is not the sum of the active lots.
    case active(total: Int64, lots: Int64)
    /// The total of pending points is not the sum of the pending lots.
    case pending(total: Int64, lots: Int64)
    /// The total of held points is not the sum of the open holds.
    case held(total: Int64, holds: Int64)
    /// Holds pin more of a lot than is left in it, or a lot that is not active.
    case pins(lot: LedgerRef)
    /// A negative amount where there can be none.
    case negative
}
