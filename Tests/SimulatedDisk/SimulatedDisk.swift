// A disk in memory that can fail at any operation and lose power at any moment.
//
// **In** come the operations of ``Store/Disk``, faults to be served at stated operations, and the
// word that the power goes. **Out** comes what a real disk may do then: an error, half a write, and
// after a power cut anything that was not synced kept, lost, torn or turned into junk, file by file
// and name by name.
//
// **Invariants.** What was synced is there after every power cut: the content of a file by the sync
// of the file, its name by the sync of its directory. A sync of a file that fails loses what it
// should have synced for good, although it can still be read until the power goes: as on Linux, a
// later sync that succeeds says nothing about it. Names are in the file system's own journal: of
// those, a later sync that succeeds makes all last. Everything follows from seeds.
//
// **Absent on purpose.** Time, damage to synced data (tests do that with ``replace(_:with:)``),
// links, and renames from one directory to another.

import Bytes
import Glibc
import Store

public final class SimulatedDisk: Disk {
    /// What goes wrong.
    public enum Fault: Sendable, Equatable {
        /// The operation does nothing but fail, with that number of the system.
        case error(CInt)
        /// A write is done in part and then fails; any other operation just fails.
        case shortWrite(CInt)
    }

    private struct PlannedFault: Sendable {
        let first: Int
        let fault: Fault
        let isPermanent: Bool
    }

    private struct State: Sendable {
        var tree: FileTree
        var operationCount = 0
        var faults: [PlannedFault] = []
        var locked: Set<Int> = []
        var isGone = false
        var watch: (@Sendable (DiskError.Operation, String) -> Void)?
    }

    private let state: Guarded<State>

    /// An empty disk.
    public init() {
        state = Guarded(State(tree: FileTree()))
    }

    private init(_ tree: FileTree) {
        state = Guarded(State(tree: tree))
    }

    // MARK: What tests do to it

    /// Operations so far, failed ones included.
    public var operationCount: Int { state.withLock { $0.operationCount } }

    /// Lets an operation fail: `number` counts from 1, the first after this disk was made; with
    /// `isPermanent` all later ones fail as well.
    public func fail(operation number: Int, _ fault: Fault, isPermanent: Bool) {
        state.withLock {
            $0.faults.append(PlannedFault(first: number, fault: fault, isPermanent: isPermanent))
        }
    }

    /// Takes all planned faults back.
    public func mend() {
        state.withLock { $0.faults = [] }
    }

    /// Calls `watch` before each operation, on its thread; it may wait.
    public func watch(_ watch: (@Sendable (DiskError.Operation, String) -> Void)?) {
        state.withLock { $0.watch = watch }
    }

    /// Takes the power away: this disk fails from now on, and the one returned holds what it may
    /// hold after that, all of it synced.
    public func powerCut(seed: UInt64) -> SimulatedDisk {
        state.withLock { state in
            state.isGone = true
            var random = SeededRandom(seed: seed)
            return SimulatedDisk(state.tree.afterPowerCut(&random))
        }
    }

    /// Ends the process that uses the disk: this object fails from now on, and the one returned
    /// holds all that was written, synced or not.
    public func kill() -> SimulatedDisk {
        state.withLock { state in
            state.isGone = true
            return SimulatedDisk(state.tree)
        }
    }

    /// A disk of its own with the same content, synced or not.
    public func copy() -> SimulatedDisk {
        state.withLock { SimulatedDisk($0.tree) }
    }

    /// The content of a file, or nil when there is none.
    public func bytes(of name: String) -> [UInt8]? {
        state.withLock { state in
            state.tree.file(name).map { state.tree.files[$0, default: SimulatedFile()].content }
        }
    }

    /// Gives a file a content, synced, whatever it was; nil takes the file away.
    public func replace(_ name: String, with bytes: [UInt8]?) {
        state.withLock { $0.tree.replace(name, with: bytes) }
    }

    /// The names of all files, those in directories included.
    public var fileNames: [String] {
        state.withLock { $0.tree.fileNames }
    }

    // MARK: Disk

    public func open(_ name: String, forWriting: Bool) throws(DiskError) -> any DiskFile {
        let number = try perform(.open, name) { tree throws(DiskError) in
            guard let number = tree.file(name) else {
                throw DiskError(.open, name, code: ENOENT)
            }
            return number
        }
        return OpenFile(self, name, number)
    }

    public func create(_ name: String) throws(DiskError) -> any DiskFile {
        let number = try perform(.create, name) { tree throws(DiskError) in
            try tree.makeFile(name, .create)
        }
        return OpenFile(self, name, number)
    }

    public func list(_ directory: String) throws(DiskError) -> [String] {
        try perform(.list, directory) { tree throws(DiskError) in
            guard let entries = tree.directory(directory) else {
                throw DiskError(.list, directory, code: ENOENT)
            }
            return entries.now.keys.sorted()
        }
    }

    public func rename(_ name: String, to newName: String) throws(DiskError) {
        try perform(.rename, name) { tree throws(DiskError) in
            try tree.rename(name, to: newName)
        }
    }

    public func remove(_ name: String) throws(DiskError) {
        try perform(.remove, name) { tree throws(DiskError) in
            guard tree.file(name) != nil else { throw DiskError(.remove, name, code: ENOENT) }
            tree.change(FileTree.directory(of: name), .unlink(FileTree.base(of: name)))
        }
    }

    public func makeDirectory(_ name: String) throws(DiskError) {
        try perform(.makeDirectory, name) { tree throws(DiskError) in
            guard tree.entry(name) == nil else {
                throw DiskError(.makeDirectory, name, code: EEXIST)
            }
            tree.directories[name] = SimulatedDirectory()
            tree.change("", .link(name, .directory))
        }
    }

    public func removeDirectory(_ name: String) throws(DiskError) {
        try perform(.removeDirectory, name) { tree throws(DiskError) in
            guard let directory = tree.directory(name), !name.isEmpty else {
                throw DiskError(.removeDirectory, name, code: ENOENT)
            }
            guard directory.now.isEmpty else {
                throw DiskError(.removeDirectory, name, code: ENOTEMPTY)
            }
            tree.change("", .unlink(name))
        }
    }

    public func syncDirectory(_ name: String) throws(DiskError) {
        try perform(.syncDirectory, name) { tree throws(DiskError) in
            guard tree.directory(name) != nil else {
                throw DiskError(.syncDirectory, name, code: ENOENT)
            }
            tree.directories[name]?.sync()
        }
    }

    public func size(of name: String) throws(DiskError) -> Int? {
        try perform(.size, name) { tree throws(DiskError) in
            tree.file(name).map { tree.files[$0, default: SimulatedFile()].content.count }
        }
    }

    public func lock(_ name: String) throws(DiskError) -> any DiskLock {
        let number = try perform(.lock, name) { tree throws(DiskError) in
            if let number = tree.file(name) { return number }
            return try tree.makeFile(name, .lock)
        }
        let isLocked = state.withLock { $0.locked.insert(number).inserted }
        guard isLocked else { throw DiskError(.lock, name, code: EWOULDBLOCK) }
        return OpenLock(self, number)
    }

    // MARK: Operations

    /// Counts an operation, and does it unless it is to fail.
    fileprivate func perform<Result>(
        _ operation: DiskError.Operation, _ name: String,
        failing: (inout FileTree) -> Void = { _ in },
        short: (inout FileTree) -> Void = { _ in },
        _ body: (inout FileTree) throws(DiskError) -> Result
    ) throws(DiskError) -> Result {
        if let watch = state.withLock({ $0.watch }) { watch(operation, name) }
        return try state.withLock { state throws(DiskError) in
            guard !state.isGone else { throw DiskError(operation, name, code: EIO) }
            state.operationCount += 1
            let number = state.operationCount
            let planned = state.faults.first {
                number == $0.first || $0.isPermanent && number > $0.first
            }
            switch planned?.fault {
            case nil: return try body(&state.tree)
            case .error(let code):
                failing(&state.tree)
                throw DiskError(operation, name, code: code)
            case .shortWrite(let code):
                failing(&state.tree)
                short(&state.tree)
                throw DiskError(operation, name, code: code)
            }
        }
    }

    fileprivate func unlock(_ number: Int) {
        state.withLock { _ = $0.locked.remove(number) }
    }
}

private final class OpenLock: DiskLock {
    private let disk: SimulatedDisk
    private let number: Int

    init(_ disk: SimulatedDisk, _ number: Int) {
        self.disk = disk
        self.number = number
    }

    deinit {
        disk.unlock(number)
    }
}

private final class OpenFile: DiskFile {
    private let disk: SimulatedDisk
    private let name: String
    private let number: Int

    init(_ disk: SimulatedDisk, _ name: String, _ number: Int) {
        self.disk = disk
        self.name = name
        self.number = number
    }

    func read(
        at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(DiskError) -> Int {
        try disk.perform(.read, name) { tree throws(DiskError) in
            let content = tree.files[number, default: SimulatedFile()].content
            let count = max(0, min(buffer.count, content.count - offset))
            if count > 0 { unsafe buffer.copyBytes(from: content[offset..<offset + count]) }
            return count
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DiskError) {
        let all = unsafe Array(bytes)
        try disk.perform(
            .write, name,
            short: { $0.files[number]?.change(.write(offset, Array(all.prefix(all.count / 2)))) }
        ) { tree throws(DiskError) in
            tree.files[number]?.change(.write(offset, all))
        }
    }

    func truncate(to byteCount: Int) throws(DiskError) {
        try disk.perform(.truncate, name) { tree throws(DiskError) in
            tree.files[number]?.change(.truncate(byteCount))
        }
    }

    func sync() throws(DiskError) {
        try disk.perform(
            .sync, name, failing: { $0.files[number]?.losePending() }
        ) { tree throws(DiskError) in
            tree.files[number]?.sync()
        }
    }

    func size() throws(DiskError) -> Int {
        try disk.perform(.size, name) { tree throws(DiskError) in
            tree.files[number, default: SimulatedFile()].content.count
        }
    }
}
