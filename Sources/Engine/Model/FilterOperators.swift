/// The operators of filters, one table for all scalars: what is here is printed, and nothing else.
enum FilterOperator: String, CaseIterable {
    case eq, ne
    case `in`, notIn
    case lt, lte, gt, gte
    case startsWith, endsWith, contains, search, ignoreCase
    case monthDay
    case isNull

    /// The operator as an input field of the filter over `type`.
    func definition(over type: String) -> String {
        switch self {
        case .eq, .ne, .lt, .lte, .gt, .gte, .startsWith, .endsWith, .contains,
            .search:
            "\(rawValue): \(type)"
        case .in, .notIn: "\(rawValue): [\(type)!]"
        case .ignoreCase: "\(rawValue): Boolean = false"
        case .monthDay: "\(rawValue): \(FilterOperator.monthDayFilter)"
        case .isNull: "\(rawValue): Boolean"
        }
    }

    var description: String? {
        switch self {
        case .ne, .notIn: "True of null."
        case .search:
            "Every word begins one of the text, whatever case and accents; digits are any part."
        case .ignoreCase: "For all operators beside it but search."
        case .monthDay: "The day of the year, whatever the year."
        case .isNull: "True: only null. False: only values."
        case .eq, .in, .lt, .lte, .gt, .gte, .startsWith, .endsWith, .contains: nil
        }
    }

    /// The type of ``monthDay``.
    static let monthDayFilter = "MonthDayFilter"

    static let equality: [FilterOperator] = [.eq, .ne, .in, .notIn]
    static let order: [FilterOperator] = [.lt, .lte, .gt, .gte]
    static let text: [FilterOperator] = [
        .startsWith, .endsWith, .contains, .search, .ignoreCase,
    ]
}

extension ScalarKind {
    /// The operators of the scalar's filter.
    var operators: [FilterOperator] {
        switch self {
        case .id, .boolean: FilterOperator.equality + [.isNull]
        case .int, .long, .float, .dateTime:
            FilterOperator.equality + FilterOperator.order + [.isNull]
        case .date: FilterOperator.equality + FilterOperator.order + [.monthDay, .isNull]
        case .string, .emailAddress:
            FilterOperator.equality + FilterOperator.order + FilterOperator.text + [.isNull]
        case .json: [.isNull]
        }
    }

    /// The scalar whose filter is used: e-mail addresses are searched as texts, by parts too.
    var filtered: ScalarKind { self == .emailAddress ? .string : self }

    /// Whether lists can be ordered by such a column. Ids of other systems have no order that
    /// means anything.
    var isOrderable: Bool { self != .json && self != .id }

    /// Whether there is a smallest and a greatest that somebody asks for.
    var hasMinMax: Bool { [.int, .long, .float, .string, .dateTime, .date].contains(self) }

    /// What a sum of such a column is; nil when it has none.
    var sum: ScalarKind? {
        switch self {
        case .int, .long: .long
        case .float: .float
        default: nil
        }
    }
}

/// The operators over a list of scalars or enum values.
enum ListOperator: String, CaseIterable {
    case has, hasAny, hasAll, isEmpty, isNull

    func definition(over type: String) -> String {
        switch self {
        case .has: "\(rawValue): \(type)"
        case .hasAny, .hasAll: "\(rawValue): [\(type)!]"
        case .isEmpty, .isNull: "\(rawValue): Boolean"
        }
    }
}
