/// The views that a projector stored or read last: a hint that saves reads, since a view that is
/// folded from an old one is refused.
struct ViewShelf {
    private var views: [ViewKey: ViewRecord] = [:]
    /// In the order of insertion, for eviction.
    private var order: [ViewKey] = []
    private var head = 0
    private let capacity: Int

    init(capacity: Int) { self.capacity = capacity }

    var count: Int { views.count }

    subscript(key: ViewKey) -> ViewRecord? { views[key] }

    /// Keeps a view; beyond the capacity the one goes that came first.
    mutating func keep(_ view: ViewRecord) {
        if views.updateValue(view, forKey: view.key) == nil { order.append(view.key) }
        while views.count > capacity {
            views[order[head]] = nil
            head += 1
        }
        guard head > capacity else { return }
        order.removeFirst(head)
        head = 0
    }
}
