import Store

/// One of the things that rows are grouped by: a column of the row, or of a row it refers to.
struct GroupKey: Sendable {
    /// To-one references that are walked first: none, one or two.
    let path: [(column: Column, target: TableID)]
    /// A column of the row reached.
    let column: Column
    /// Only for times, which are kept in 64 bits, and for dates, which are kept in 32.
    let bucket: DateBucket?

    init(path: [(column: Column, target: TableID)] = [], column: Column, bucket: DateBucket? = nil)
    {
        self.path = path
        self.column = column
        self.bucket = bucket
    }
}

/// What is asked of all rows of a list, group by group.
struct GroupRequest: Sendable {
    /// Without keys all rows are one group.
    let keys: [GroupKey]
    /// Decides where days begin, for times.
    let calendar: LocalCalendar
    let aggregates: [AggregateColumn]
    let limits: GroupLimits

    init(
        keys: [GroupKey], calendar: LocalCalendar, aggregates: [AggregateColumn],
        limits: GroupLimits = GroupLimits()
    ) {
        self.keys = keys
        self.calendar = calendar
        self.aggregates = aggregates
        self.limits = limits
    }
}

/// How much memory one grouping may take.
struct GroupLimits: Sendable {
    /// Groups.
    var groupsMax = EngineLimits().groupsMax
    /// Different values that are kept to be counted, over all groups and columns.
    var distinctValuesMax = EngineLimits().distinctValuesMax

    init() {}

    init(_ limits: EngineLimits) {
        groupsMax = limits.groupsMax
        distinctValuesMax = limits.distinctValuesMax
    }
}

/// What one key of a group is.
enum GroupKeyValue: Hashable, Sendable {
    /// The column is null, or a reference on the way to it.
    case null
    /// A number; a boolean as 0 or 1; an enum value's place; a day number; milliseconds since
    /// 1970-01-01T00:00:00Z. With a bucket, the day or the instant at which the bucket begins.
    case integer(Int64)
    case double(Double)
    case text([UInt8])
    case row(RowRef)
}
