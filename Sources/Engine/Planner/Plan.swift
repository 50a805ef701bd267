import Bytes
import GraphQL
import GraphQLLanguage
import Store

/// A compiled operation: a flat program over a pool of constants, with the tables that its steps
/// point into. Immutable; any thread may run it.
///
/// A plan holds what depends neither on the variables nor on the data. The values of variables used
/// in `@skip` and `@include` are the exception: there is one plan for each combination in use, so
/// that the order of fields is exactly that of CollectFields and the program needs no branches.
// Safe: the pointers are allocated here, never change, and live as long as the plan.
@safe
final class Plan: Sendable {
    /// The root selections are the blocks from 0 on.
    let instructionCount: Int
    let lists: [ListPlan]
    let lookUps: [LookUpPlan]
    let nodeDispatches: [NodeDispatch]
    let aggregates: [[AggregateColumn]]
    let groupings: [GroupPlan]
    let values: [ValuePlan]
    let introspections: [IntrospectionPlan]
    let mutations: [MutationPlan]
    let results: [ResultFieldPlan]
    /// What the cache counts for this plan.
    let byteCount: Int

    private nonisolated(unsafe) let code: UnsafeMutablePointer<Instruction>
    private nonisolated(unsafe) let names: UnsafeMutablePointer<ConstantRange>
    private nonisolated(unsafe) let constantBytes: UnsafeMutableRawPointer

    init(_ draft: PlanDraft) {
        instructionCount = draft.instructions.count
        lists = draft.lists
        lookUps = draft.lookUps
        nodeDispatches = draft.nodeDispatches
        aggregates = draft.aggregates
        groupings = draft.groupings
        values = draft.values
        introspections = draft.introspections
        mutations = draft.mutations
        results = draft.results
        unsafe names = draft.names.withUnsafeBufferPointer { unsafe Plan.copy($0) }
        unsafe code = draft.instructions.withUnsafeBufferPointer { unsafe Plan.copy($0) }
        unsafe constantBytes = UnsafeMutableRawPointer(
            draft.constants.withUnsafeBufferPointer { unsafe Plan.copy($0) })
        byteCount =
            512 + draft.instructions.count * MemoryLayout<Instruction>.stride
            + draft.constants.count + (draft.lists.count + draft.results.count) * 512
            + draft.groupings.count * 2_048
    }

    private static func copy<Element>(
        _ elements: UnsafeBufferPointer<Element>
    ) -> UnsafeMutablePointer<Element> {
        let copy = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
        if let base = elements.baseAddress {
            unsafe copy.initialize(from: base, count: elements.count)
        }
        return unsafe copy
    }

    deinit {
        unsafe code.deallocate()
        unsafe names.deallocate()
        unsafe constantBytes.deallocate()
    }

    /// The instruction at a place below `instructionCount`.
    @inline(__always)
    subscript(_ index: Int) -> Instruction {
        assert(index < instructionCount)
        return unsafe code[index]
    }

    /// The constant bytes of an instruction's key.
    @inline(__always)
    func key(_ instruction: Instruction) -> UnsafeRawPointer {
        unsafe UnsafeRawPointer(constantBytes) + Int(instruction.keyOffset)
    }

    /// The quoted name of an enum value: `first` is the place of its enum's first name.
    @inline(__always)
    func enumName(first: Int32, value: Int) -> UnsafeRawBufferPointer {
        unsafe constant(names[Int(first) + value])
    }

    func constant(_ range: ConstantRange) -> UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: constantBytes + range.offset, count: range.count)
    }
}
