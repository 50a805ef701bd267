import Bytes
import Glibc
import SimulatedDisk
import Testing

@testable import Store

/// What clients were told of their payments.
private struct Told: Sendable {
    var done: Set<String> = []
    var refused: Set<String> = []
    var lost: Set<String> = []

    mutating func note(_ id: String, _ failure: any Error) {
        switch failure as? StorageFailure {
        case .full: refused.insert(id)
        default: lost.insert(id)
        }
    }
}

@Suite struct WriterFaultTests {
    /// One client and a rotation in the middle, with a fault at one operation.
    ///
    /// - Returns: whether the fault was met.
    private func runScript(
        failing number: Int, _ fault: SimulatedDisk.Fault, isPermanent: Bool
    ) throws -> Bool {
        let comment: Comment = "operation \(number), \(fault), permanent: \(isPermanent)"
        let disk = SimulatedDisk()
        let trial = try WriterTrial(on: disk)
        try trial.openAccounts()
        let operations = disk.operationCount
        disk.fail(operation: operations + number, fault, isPermanent: isPermanent)
        var told = Told()
        for payment in 0..<12 {
            let id = "p\(payment)"
            do {
                try trial.writer.write { group in
                    try Bank.transfer(5, from: payment % 3, to: 9, id: id, in: group)
                }
                told.done.insert(id)
            } catch {
                told.note(id, error)
            }
            #expect(try Bank.payments(trial.store) == told.done, comment)
            if payment == 5 {
                let reader = try #require(trial.store.makeReader())
                do {
                    let view = try trial.writer.rotate(pinning: reader).view
                    #expect(try Bank.payments(trial.store, view) == told.done, comment)
                } catch is StorageFailure {}
                reader.unpin()
            }
        }
        let isMet = disk.operationCount - operations >= number
        if told.done.count < 12 {
            #expect(isMet, comment)
            if isPermanent { #expect(trial.writer.state != .healthy, comment) }
        }
        trial.writer.stop()
        #expect(try trial.store.faults() == [], comment)
        #expect(trial.store.slots.hangingCount == 0)
        for seed in 0..<4 as Range<UInt64> {
            let after = disk.copy().powerCut(seed: seed)
            let recovered = try recover(after, Bank.definition)
            let payments = try Bank.payments(recovered.store)
            #expect(payments.isSuperset(of: told.done), comment)
            #expect(payments.isDisjoint(with: told.refused), comment)
            #expect(try recovered.store.faults() == [], comment)
        }
        let recovered = try recover(disk.kill(), Bank.definition)
        #expect(try Bank.payments(recovered.store).isSuperset(of: told.done), comment)
        return isMet
    }

    @Test(
        arguments: [
            SimulatedDisk.Fault.error(EIO), .error(ENOSPC), .shortWrite(ENOSPC), .shortWrite(EIO),
        ], [false, true])
    func `whichever operation fails, nothing acknowledged is lost`(
        fault: SimulatedDisk.Fault, isPermanent: Bool
    ) throws {
        var number = 1
        while try runScript(failing: number, fault, isPermanent: isPermanent) { number += 1 }
        #expect(number > 40)
    }

    @Test func `a full disk is said to be full, until it is not`() throws {
        let disk = SimulatedDisk()
        let trial = try WriterTrial(on: disk)
        try trial.openAccounts()
        let bytes = trial.store.bytesInUse
        disk.fail(operation: disk.operationCount + 1, .shortWrite(ENOSPC), isPermanent: false)
        let reason = "write journal-0000000001.log: No space left on device"
        #expect(throws: StorageFailure.full(reason)) {
            try trial.writer.write { group in
                try Bank.transfer(5, from: 1, to: 9, id: "p", in: group)
            }
        }
        #expect(trial.writer.state == .full(reason))
        #expect(trial.store.bytesInUse == bytes)
        try trial.writer.write { group in
            try Bank.transfer(5, from: 1, to: 9, id: "p", in: group)
        }
        #expect(trial.writer.state == .healthy)
        trial.writer.stop()
        let recovered = try recover(disk, Bank.definition)
        #expect(try recovered.store.image() == trial.store.image())
    }

    @Test func `after a failed sync nothing is written and reading goes on`() throws {
        let disk = SimulatedDisk()
        let trial = try WriterTrial(on: disk)
        try trial.openAccounts()
        let image = try trial.store.image()
        disk.fail(operation: disk.operationCount + 2, .error(EIO), isPermanent: false)
        let failure = StorageFailure.unavailable("sync journal-0000000001.log: Input/output error")
        for id in ["p", "q"] {
            #expect(throws: failure) {
                try trial.writer.write { group in
                    try Bank.transfer(5, from: 1, to: 9, id: id, in: group)
                }
            }
        }
        let operations = disk.operationCount
        let reader = try #require(trial.store.makeReader())
        #expect(throws: failure) { try trial.writer.rotate(pinning: reader) }
        #expect(
            trial.writer.state == .unavailable("sync journal-0000000001.log: Input/output error"))
        #expect(try trial.store.image() == image)
        trial.writer.stop()
        #expect(disk.operationCount == operations)
    }

    @Test(arguments: 1...60)
    func `a power cut under load keeps what was acknowledged`(seed: Int) throws {
        var numbers = SeededRandom(seed: UInt64(seed))
        let disk = SimulatedDisk()
        let trial = try WriterTrial(on: disk)
        try trial.openAccounts()
        let faults: [SimulatedDisk.Fault] = [.error(EIO), .shortWrite(EIO), .shortWrite(ENOSPC)]
        disk.fail(
            operation: disk.operationCount + 1 + numbers.below(80),
            numbers.pick(faults), isPermanent: numbers.chance(percent: 50))
        let told = Guarded(Told())
        let writer = trial.writer
        let store = trial.store
        let rotates = numbers.chance(percent: 30)
        onThreads(6) { thread in
            var numbers = SeededRandom(seed: UInt64(seed * 100 + thread))
            if thread == 5 {
                guard rotates, let reader = store.makeReader() else { return }
                for _ in 0..<3 {
                    _ = try? writer.rotate(pinning: reader)
                    reader.unpin()
                }
                return
            }
            for number in 0..<12 {
                let id = "t\(thread)-\(number)"
                let (from, to) = (numbers.below(10), 10 + numbers.below(10))
                let money = Int64(numbers.below(500))
                do {
                    try writer.write { group in
                        try Bank.transfer(money, from: from, to: to, id: id, in: group)
                    }
                    told.withLock { _ = $0.done.insert(id) }
                } catch is Bank.Refused {
                } catch {
                    told.withLock { $0.note(id, error) }
                }
            }
        }
        let said = told.withLock { $0 }
        #expect(try Bank.payments(store) == said.done, "seed \(seed)")
        for cut in 0..<5 as Range<UInt64> {
            let after = disk.copy().powerCut(seed: UInt64(seed) * 10 + cut)
            let recovered = try recover(after, Bank.definition)
            let payments = try Bank.payments(recovered.store)
            #expect(payments.isSuperset(of: said.done), "seed \(seed), cut \(cut)")
            #expect(payments.isDisjoint(with: said.refused), "seed \(seed), cut \(cut)")
            #expect(try recovered.store.faults() == [], "seed \(seed), cut \(cut)")
        }
        writer.stop()
        #expect(try store.faults() == [], "seed \(seed)")
        #expect(store.slots.hangingCount == 0)
    }

    @Test func `a failure says its reason, and nothing of how it is kept`() {
        let texts = ["write a: No space left on device", "sync a: Input/output error"]
        #expect("\(StorageFailure.full(texts[0]))" == texts[0])
        #expect("\(DirectoryError.storage(.unavailable(texts[1])))" == texts[1])
        #expect("\(StorageFailure.stopping)" == "the writer is about to end")
        #expect("\(StorageFailure.busy)" == "too much waits to be written already")
    }
}
