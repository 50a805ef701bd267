import Store

/// One step of a plan: fixed size and free of references, so that a plan is one block of memory that
/// the executor walks.
///
/// An instruction that opens a block (an object, a list) owns the instructions from the one after it
/// up to `end`; a leaf has `end` right behind itself. What a step needs beyond the fixed fields lies
/// in a list of the plan, at `operand`.
struct Instruction {
    enum Operation: UInt8 {
        // Leaves of a row; `column` says where the value lies.
        /// `key` is followed by the table's prefix, `operand` bytes long.
        case identifier
        case text, int32, int64, double, boolean, dateTime, date, json
        /// `operand`: the first of the enum's names in the plan.
        case enumeration
        /// `column` leads to the row whose id is written; `key` is followed by the prefix of its
        /// table, `operand` bytes long, and `table` names the table.
        case referenceID
        /// As `referenceID`, but null if the viewer may not see that row.
        case guardedReferenceID
        /// A value object or a list: `operand` is a place in `Plan.values`.
        case value
        /// `key` holds the whole answer.
        case constant
        /// What a rule answers: `operand` is a place in `Plan.results`.
        case computed, payloadResult

        // Blocks.
        /// `column` leads to the row; `operand` is the table.
        case toOne
        /// As `toOne`, but null if the viewer may not see that row.
        case guardedToOne
        /// `operand`: place in `Plan.lists`.
        case list
        case nodes, edges, edgeNode, pageInfo
        /// `operand`: place in `Plan.aggregates`.
        case aggregate
        /// An object that holds parts of the one around it.
        case object
        /// `operand`: place in `Plan.groupings`.
        case groupBy
        /// Steps of a row stand for keys in it: `table` is the place of the key's field in
        /// `XGroupField`.
        case groupKeys
        /// `operand`: place in the `nodeSizes` of the grouping.
        case groupNodes

        // Leaves of connections, edges, page information and aggregates.
        case totalCount, cursor, hasNextPage, hasPreviousPage, startCursor, endCursor
        /// `operand`: place in the columns of the aggregate.
        case aggregateValue

        // Fields of Query. `operand`: place in `lookUps`, `nodeDispatches` or `introspections`.
        case lookUp, node, nodeList, introspection

        // A field of Mutation. `operand`: place in `mutations`.
        case mutation

        // Blocks of a payload. `operand`: place among the mutation's objects.
        case payloadRow, payloadEdge
        /// `operand`: place in `Plan.lists`.
        case payloadList
        case payloadQuery, userErrors

        // Leaves of a payload and of its errors.
        case clientMutationID, deletedID, count, isCreated, isReplayed
        case errorCode, errorMessage, errorPath, errorRule
    }

    var operation: Operation
    /// Null here is an error that moves up to the parent.
    var isNonNull: Bool
    /// `,"name":` in the plan's constants.
    var keyLength: UInt16
    var keyOffset: UInt32
    var column: Column
    var operand: Int32
    var table: Int32
    /// The instruction behind this one's block.
    var end: Int32
    /// Where the field stands in the document, for errors.
    var sourceOffset: Int32
}
