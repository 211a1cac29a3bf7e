import Dispatch
import Glibc
import TestSupport
import Testing

@testable import Isolation

@Suite("Worker connection", .hangLimit())
struct WorkerConnectionTests {
  private static var never: MessageSocket.Wait { { (_) throws(IsolationError) in false } }

  @Test("a descriptor travels with its request and reads the same file")
  func descriptor() throws {
    let (ours, theirs) = try MessageSocket.pair()
    let parent = MessageSocket(Descriptor(owning: ours))
    let child = WorkerConnection(Descriptor(owning: theirs))
    let file = try InputFile.open(Array(#filePath.utf8))
    let request = WorkerMessage(kind: 3, payload: [1, 2, 3])
    expectSent(try parent.send(request, descriptor: file.descriptor.raw, wait: Self.never))

    guard var received = try child.receive() else {
      Issue.record("no request")
      return
    }
    #expect(received.message == request)
    guard let copy = received.takeDescriptor() else {
      Issue.record("no descriptor")
      return
    }
    let number = copy.raw
    let original = file.descriptor.raw
    #expect(number != original)
    #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0)
    var start = [UInt8](repeating: 0, count: 15)
    #expect(pread(number, &start, start.count, 0) == start.count)
    #expect(String(decoding: start, as: UTF8.self) == "import Dispatch")
  }

  @Test("requests follow one another, each with or without a descriptor")
  func sequence() throws {
    let (ours, theirs) = try MessageSocket.pair()
    let parent = MessageSocket(Descriptor(owning: ours))
    let child = WorkerConnection(Descriptor(owning: theirs))
    let file = try InputFile.open(Array(#filePath.utf8))
    for kind in UInt32(1)...6 {
      let attached = kind.isMultiple(of: 2) ? file.descriptor.raw : nil
      expectSent(try parent.send(WorkerMessage(kind: kind), descriptor: attached, wait: Self.never))
    }
    for kind in UInt32(1)...6 {
      guard var request = try child.receive() else {
        Issue.record("request \(kind) is missing")
        return
      }
      #expect(request.message.kind == kind)
      let hasDescriptor = request.takeDescriptor() != nil
      #expect(hasDescriptor == kind.isMultiple(of: 2))
    }
  }

  @Test("descriptors that a worker sends are dropped")
  func uninvitedDescriptor() throws {
    let (ours, theirs) = try MessageSocket.pair()
    let parent = MessageSocket(Descriptor(owning: ours))
    let child = WorkerConnection(Descriptor(owning: theirs))
    let (kept, sent) = try MessageSocket.pair()
    let watching = Descriptor(owning: kept)
    do {
      let uninvited = Descriptor(owning: sent)
      expectSent(try parent.send(WorkerMessage(kind: 1), descriptor: uninvited.raw, wait: Self.never))
    }
    // Received without room for descriptors, as a parent does: the kernel closes the last copy, and we see the end.
    let childSocket = child.socket.descriptor.raw
    var header = [UInt8](repeating: 0, count: 8)
    #expect(recv(childSocket, &header, 8, 0) == 8)
    var byte: UInt8 = 0
    let count = recv(watching.raw, &byte, 1, Int32(MSG_DONTWAIT))
    #expect(count == 0)
  }

  @Test("the end of the parent is the end of the requests, and replies fail without a signal")
  func parentLeaves() throws {
    let (ours, theirs) = try MessageSocket.pair()
    let child = WorkerConnection(Descriptor(owning: theirs))
    do {
      let parent = MessageSocket(Descriptor(owning: ours))
      expectSent(try parent.send(WorkerMessage(kind: 9), descriptor: nil, wait: Self.never))
    }
    let first = try child.receive()?.message
    #expect(first == WorkerMessage(kind: 9))
    let second = try child.receive()?.message
    #expect(second == nil)
    #expect(throws: IsolationError.disconnected) { try child.send(WorkerMessage(kind: 1)) }
  }

  @Test("a reply larger than the socket's buffer waits for its reader")
  func backPressure() throws {
    let (ours, theirs) = try MessageSocket.pair()
    let parent = MessageSocket(Descriptor(owning: ours))
    let reply = WorkerMessage(kind: 4, payload: (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    let done = DispatchGroup()
    DispatchQueue(label: "child").async(group: done) {
      let child = WorkerConnection(Descriptor(owning: theirs))
      do {
        try child.send(reply)
        try child.end([5])
      } catch {
        Issue.record(error)
      }
    }
    let patient: MessageSocket.Wait = { (_) throws(IsolationError) in
      usleep(1000)
      return true
    }
    for expected in [reply, .end([5])] {
      guard case .message(let message) = try parent.receive(maximumBytes: 1 << 22, attached: nil, wait: patient) else {
        Issue.record("no message")
        return
      }
      #expect(message == expected)
    }
    done.wait()
  }

  @Test("a request that is too long is refused")
  func oversizedRequest() throws {
    let (ours, theirs) = try MessageSocket.pair()
    let parent = MessageSocket(Descriptor(owning: ours))
    let child = WorkerConnection(Descriptor(owning: theirs))
    let header: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 64]
    let sent = send(parent.descriptor.raw, header, header.count, 0)
    #expect(sent == header.count)
    #expect(throws: IsolationError.oversizedMessage(claimedBytes: 64 << 24, acceptedBytes: 1 << 20)) {
      _ = try child.receive()?.message
    }
  }

  private func expectSent(_ isSent: Bool) {
    #expect(isSent)
  }
}
