/// The one way to the files of a data directory.
///
/// A disk is rooted at that directory. Names are those of files in it, or of files in one of its
/// directories (`snapshot-0000000001/manifest.json`); the empty name is the directory itself.
/// What is not synced may be lost, in whole or in part, when the power goes: the content of a file
/// by ``DiskFile/sync()``, its name by ``syncDirectory(_:)``.
///
/// Every function may be called from any thread.
public protocol Disk: Sendable {
    /// Opens a file that exists.
    func open(_ name: String, forWriting: Bool) throws(DiskError) -> any DiskFile

    /// Makes an empty file that only its owner may read, and opens it for writing. There must be
    /// none of that name.
    func create(_ name: String) throws(DiskError) -> any DiskFile

    /// The names of what lies in a directory, in the order of their bytes.
    func list(_ directory: String) throws(DiskError) -> [String]

    /// Gives a file or directory another name, replacing a file that has it. In one step: after a
    /// power cut there is either the old or the new.
    func rename(_ name: String, to newName: String) throws(DiskError)

    /// Takes a file away.
    func remove(_ name: String) throws(DiskError)

    /// Makes a directory that only its owner may enter.
    func makeDirectory(_ name: String) throws(DiskError)

    /// Takes an empty directory away.
    func removeDirectory(_ name: String) throws(DiskError)

    /// Makes the names in a directory last: of files made, renamed and removed.
    func syncDirectory(_ name: String) throws(DiskError)

    /// Bytes of a file, or nil when there is none of that name.
    func size(of name: String) throws(DiskError) -> Int?

    /// Locks a file, which is made if need be, against every other process and every other lock
    /// of this one, until the lock is let go of. Does not wait: when another holds it, the error
    /// is one with ``DiskError/isLocked``.
    func lock(_ name: String) throws(DiskError) -> any DiskLock
}

/// An open file. It is closed when it is let go of.
public protocol DiskFile: AnyObject, Sendable {
    /// Fills `buffer` from `offset` on; fewer bytes only where the file ends.
    /// - Returns: the bytes read.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(DiskError) -> Int

    /// Writes all of `bytes`. After an error, any part of them may have been written.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(DiskError)

    /// Cuts the file, or extends it by zeros.
    func truncate(to byteCount: Int) throws(DiskError)

    /// Makes what was written last. After an error nothing is known about what was written since
    /// the sync before, and a later success says nothing about it.
    func sync() throws(DiskError)

    /// Bytes of the file.
    func size() throws(DiskError) -> Int
}

/// Holds a lock as long as it is kept.
public protocol DiskLock: AnyObject, Sendable {}

/// Why the disk did not do what it was asked for.
public struct DiskError: Error, Equatable, Sendable {
    public enum Operation: String, Sendable {
        case open, create, list, rename, remove, makeDirectory, removeDirectory, syncDirectory
        case size, lock, read, write, truncate, sync
    }

    public let operation: Operation
    /// Of the file or directory, as the caller named it.
    public let name: String
    /// The system's number for the reason (`errno`).
    public let code: Int32

    public init(_ operation: Operation, _ name: String, code: Int32) {
        self.operation = operation
        self.name = name
        self.code = code
    }
}
