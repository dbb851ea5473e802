/// The known name that an unknown one was most likely meant to be, or nil where none is close.
///
/// Close is at most a third of the name's length in single insertions, removals, replacements and
/// swaps of neighbours, letters' case aside. The first of equally close names is taken.
package func nearest(to name: String, among known: some Sequence<String>) -> String? {
    let sought = Array(name.lowercased())
    var best: (name: String, distance: Int)?
    for candidate in known where candidate != name {
        let letters = Array(candidate.lowercased())
        let bound = max(1, max(sought.count, letters.count) / 3)
        guard abs(letters.count - sought.count) <= bound else { continue }
        let distance = editDistance(sought, letters)
        if distance <= bound, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
}

/// How many insertions, removals, replacements and swaps of neighbours part two texts.
private func editDistance(_ left: [Character], _ right: [Character]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...right.count)
    for row in 0..<left.count {
        var current = [row + 1]
        for column in 0..<right.count {
            let isSame = left[row] == right[column]
            var distance = min(
                last[column] + (isSame ? 0 : 1), last[column + 1] + 1, current[column] + 1)
            if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                distance = min(distance, beforeLast[column - 1] + 1)
            }
            current.append(distance)
        }
        (beforeLast, last) = (last, current)
    }
    return last[right.count]
}
