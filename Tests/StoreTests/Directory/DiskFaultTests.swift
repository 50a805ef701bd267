import Glibc
import SimulatedDisk
import Testing

@testable import Store

/// A script of changes, snapshots and a start, cut off or failing at each of its operations.
struct DiskFaultTests {
    /// What a script has acknowledged, and what it was about to.
    private final class Log {
        var acknowledged = Set<Int>()
        var begun = Set<Int>()
    }

    /// Writes members, with snapshots and a restart in between. Stops at the first error of a
    /// start; goes on after errors of writes and snapshots.
    private func run(_ disk: SimulatedDisk, _ log: Log) {
        var number = 0
        for round in 0..<2 {
            guard let directory = try? DirectoryTrial.open(disk) else { return }
            for step in 0..<5 {
                log.begun.insert(number)
                if (try? directory.insertMember(number)) != nil {
                    log.acknowledged.insert(number)
                }
                number += 1
                if step == 2 { _ = try? directory.snapshot() }
            }
            try? directory.close(snapshot: round == 0)
        }
    }

    /// Opens what is left: whole, with everything acknowledged and nothing that was never begun.
    private func check(_ disk: SimulatedDisk, _ log: Log, _ place: String) throws {
        let directory: DataDirectory
        do { directory = try DirectoryTrial.open(disk) } catch {
            Issue.record("\(place): \(error)")
            return
        }
        #expect(directory.report.losses == [], "\(place)")
        #expect(try directory.store.faults() == [], "\(place)")
        let found = try Set(
            directory.store.image().rows[0].compactMap { row -> Int? in
                guard case .bytes(let id) = row.values[0] else { return nil }
                return Int(String(decoding: id, as: UTF8.self))
            })
        #expect(log.acknowledged.subtracting(found) == [], "\(place)")
        #expect(found.subtracting(log.begun) == [], "\(place)")
        try directory.close(snapshot: false)
    }

    private func operationCount() -> Int {
        let disk = SimulatedDisk()
        run(disk, Log())
        return disk.operationCount
    }

    @Test(arguments: [ENOSPC, EIO])
    func `an operation that fails once loses nothing`(code: CInt) throws {
        for number in 1...operationCount() {
            for fault in [SimulatedDisk.Fault.error(code), .shortWrite(code)] {
                let disk = SimulatedDisk()
                disk.fail(operation: number, fault, isPermanent: false)
                let log = Log()
                run(disk, log)
                disk.mend()
                try check(disk.kill(), log, "operation \(number), \(fault)")
            }
        }
    }

    @Test func `a disk that fails for good loses nothing, whether the power goes or not`() throws {
        for number in 1...operationCount() {
            let disk = SimulatedDisk()
            disk.fail(operation: number, .shortWrite(EIO), isPermanent: true)
            let log = Log()
            run(disk, log)
            disk.mend()
            try check(disk.copy().kill(), log, "operation \(number), killed")
            try check(
                disk.powerCut(seed: UInt64(number)), log, "operation \(number), without power")
        }
    }

    @Test func `the power may go at any operation`() throws {
        for number in 1...operationCount() {
            for seed in 0..<UInt64(2) {
                let disk = SimulatedDisk()
                disk.fail(operation: number, .error(EIO), isPermanent: true)
                let log = Log()
                run(disk, log)
                let place = "operation \(number), seed \(seed)"
                // Power goes again in the middle of the recovery.
                let next = disk.powerCut(seed: seed)
                next.fail(operation: 3 + number % 30, .error(EIO), isPermanent: true)
                if let directory = try? DirectoryTrial.open(next) {
                    try? directory.close(snapshot: false)
                }
                try check(next.powerCut(seed: seed + 7), log, place)
            }
        }
    }

    /// The system shows such a record to the next process, which reads it and begins another
    /// generation behind it; on the disk it is not.
    @Test func `a record whose sync failed cannot vanish below the next generation`() throws {
        let disk = SimulatedDisk()
        let directory = try DirectoryTrial.open(disk)
        _ = try directory.insertMember(0)
        disk.fail(operation: disk.operationCount + 2, .error(EIO), isPermanent: false)
        #expect(throws: StorageFailure.self) { try directory.insertMember(1) }
        let left = disk.kill()
        try? directory.close(snapshot: false)
        var changed = DirectoryTrial.definition
        changed.indexes.append(
            IndexDefinition(name: "state", table: TableID(0), equality: [6]))

        var isThrough = false
        var number = 0
        while !isThrough {
            number += 1
            let next = left.copy().kill()
            next.fail(operation: number, .error(EIO), isPermanent: true)
            if let opened = try? DirectoryTrial.open(next, changed) {
                isThrough = true
                try? opened.close(snapshot: false)
            }
            let log = Log()
            log.acknowledged = [0]
            log.begun = [0, 1]
            try check(next.powerCut(seed: UInt64(number)), log, "operation \(number)")
        }
    }

    /// Such a start leaves a journal for rows that no snapshot has yet.
    @Test func `a change of the schema that was cut off can be taken back`() throws {
        let disk = SimulatedDisk()
        let directory = try DirectoryTrial.open(disk)
        _ = try directory.insertMember(0)
        try directory.close(snapshot: false)
        let left = disk.kill()
        var changed = DirectoryTrial.definition
        changed.tables[0].columns.append(
            ColumnDefinition(name: "phone", kind: .bytes(.text), isNullable: true))

        var isThrough = false
        var number = 0
        while !isThrough {
            number += 1
            let next = left.copy().kill()
            next.fail(operation: number, .error(EIO), isPermanent: true)
            if let opened = try? DirectoryTrial.open(next, changed) {
                isThrough = true
                try? opened.close(snapshot: false)
            }
            let again = next.kill()
            let reopened = try DirectoryTrial.open(again)
            _ = try reopened.insertMember(1)
            try reopened.close(snapshot: false)
            let log = Log()
            log.acknowledged = [0, 1]
            log.begun = [0, 1]
            try check(again.kill(), log, "operation \(number)")
        }
    }

    @Test func `the very first start may be cut off twice`() throws {
        for first in 1...20 {
            for second in 1...20 {
                let disk = SimulatedDisk()
                disk.fail(operation: first, .error(EIO), isPermanent: true)
                _ = try? DirectoryTrial.open(disk)
                let next = disk.kill()
                next.fail(operation: second, .error(EIO), isPermanent: true)
                _ = try? DirectoryTrial.open(next)
                for seed in 0..<UInt64(2) {
                    let left = next.copy().powerCut(seed: seed)
                    try check(left, Log(), "operations \(first) and \(second), seed \(seed)")
                }
            }
        }
    }
}
