;; What src/ml/cluster/distance-kernel.ts asks of rows and centres, on the memory in which they lie. Addresses are in bytes;
;; rows and centres have `p` doubles, a label and an entry of a list 4 bytes. `node scripts/wasm.mjs` compiles it.
(module
  (import "env" "memory" (memory 1 65536 shared))

  ;; Σ (a − b)² over p doubles: four sums side by side, what is left over goes to the first of them.
  (func $squaredDistance (param $a i32) (param $b i32) (param $p i32) (result f64)
    (local $end i32) (local $low v128) (local $high v128) (local $difference v128) (local $first f64) (local $d f64)
    (local.set $end (i32.add (local.get $a) (i32.shl (i32.and (local.get $p) (i32.const -4)) (i32.const 3))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $a) (local.get $end)))
        (local.set $difference (f64x2.sub (v128.load align=8 (local.get $a)) (v128.load align=8 (local.get $b))))
        (local.set $low (f64x2.add (local.get $low) (f64x2.mul (local.get $difference) (local.get $difference))))
        (local.set $difference
          (f64x2.sub (v128.load offset=16 align=8 (local.get $a)) (v128.load offset=16 align=8 (local.get $b))))
        (local.set $high (f64x2.add (local.get $high) (f64x2.mul (local.get $difference) (local.get $difference))))
        (local.set $a (i32.add (local.get $a) (i32.const 32)))
        (local.set $b (i32.add (local.get $b) (i32.const 32)))
        (br $next)))
    (local.set $first (f64x2.extract_lane 0 (local.get $low)))
    (local.set $end (i32.add (local.get $end) (i32.shl (i32.and (local.get $p) (i32.const 3)) (i32.const 3))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $a) (local.get $end)))
        (local.set $d (f64.sub (f64.load (local.get $a)) (f64.load (local.get $b))))
        (local.set $first (f64.add (local.get $first) (f64.mul (local.get $d) (local.get $d))))
        (local.set $a (i32.add (local.get $a) (i32.const 8)))
        (local.set $b (i32.add (local.get $b) (i32.const 8)))
        (br $next)))
    (f64.add
      (f64.add (local.get $first) (f64x2.extract_lane 1 (local.get $low)))
      (f64.add (f64x2.extract_lane 0 (local.get $high)) (f64x2.extract_lane 1 (local.get $high)))))

  ;; out[i] = the squared distance of row list[i] to the centre of its label.
  (func (export "toOwn")
    (param $list i32) (param $count i32) (param $values i32) (param $p i32) (param $labels i32) (param $centres i32)
    (param $out i32)
    (local $end i32) (local $row i32)
    (local.set $end (i32.add (local.get $list) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $list) (local.get $end)))
        (local.set $row (i32.load (local.get $list)))
        (f64.store (local.get $out)
          (call $squaredDistance
            (i32.add (local.get $values) (i32.shl (i32.mul (local.get $row) (local.get $p)) (i32.const 3)))
            (i32.add (local.get $centres)
              (i32.shl
                (i32.mul
                  (i32.load (i32.add (local.get $labels) (i32.shl (local.get $row) (i32.const 2))))
                  (local.get $p))
                (i32.const 3)))
            (local.get $p)))
        (local.set $list (i32.add (local.get $list) (i32.const 4)))
        (local.set $out (i32.add (local.get $out) (i32.const 8)))
        (br $next))))

  ;; out[i][c] = ‖c‖² − 2·x·c for row x = list[i] and each centre; centres lie by fours, p × 4 doubles each.
  (func (export "toAll")
    (param $list i32) (param $count i32) (param $values i32) (param $p i32) (param $quads i32) (param $squares i32)
    (param $centres i32) (param $out i32)
    (local $end i32) (local $x i32) (local $rowEnd i32) (local $row i32) (local $quad i32) (local $square i32)
    (local $squaresEnd i32) (local $value v128) (local $low v128) (local $high v128)
    (local.set $end (i32.add (local.get $list) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $squaresEnd (i32.add (local.get $squares) (i32.shl (local.get $centres) (i32.const 3))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $list) (local.get $end)))
        (local.set $row
          (i32.add (local.get $values)
            (i32.shl (i32.mul (i32.load (local.get $list)) (local.get $p)) (i32.const 3))))
        (local.set $rowEnd (i32.add (local.get $row) (i32.shl (local.get $p) (i32.const 3))))
        (local.set $quad (local.get $quads))
        (local.set $square (local.get $squares))
        (block $rowDone
          (loop $nextQuad
            (br_if $rowDone (i32.ge_u (local.get $square) (local.get $squaresEnd)))
            (local.set $low (v128.const f64x2 0 0))
            (local.set $high (v128.const f64x2 0 0))
            (local.set $x (local.get $row))
            (block $quadDone
              (loop $nextValue
                (br_if $quadDone (i32.ge_u (local.get $x) (local.get $rowEnd)))
                (local.set $value (v128.load64_splat (local.get $x)))
                (local.set $low
                  (f64x2.add (local.get $low) (f64x2.mul (local.get $value) (v128.load (local.get $quad)))))
                (local.set $high
                  (f64x2.add (local.get $high) (f64x2.mul (local.get $value) (v128.load offset=16 (local.get $quad)))))
                (local.set $x (i32.add (local.get $x) (i32.const 8)))
                (local.set $quad (i32.add (local.get $quad) (i32.const 32)))
                (br $nextValue)))
            (v128.store (local.get $out)
              (f64x2.sub (v128.load (local.get $square))
                (f64x2.mul (v128.const f64x2 2 2) (local.get $low))))
            (v128.store offset=16 (local.get $out)
              (f64x2.sub (v128.load offset=16 (local.get $square))
                (f64x2.mul (v128.const f64x2 2 2) (local.get $high))))
            (local.set $out (i32.add (local.get $out) (i32.const 32)))
            (local.set $square (i32.add (local.get $square) (i32.const 32)))
            (br $nextQuad)))
        (local.set $list (i32.add (local.get $list) (i32.const 4)))
        (br $next))))

  ;; sums[label] += row and counts[label] += 1, row by row from the first; sums have p doubles a centre.
  (func (export "add")
    (param $row i32) (param $count i32) (param $p i32) (param $labels i32) (param $sums i32) (param $counts i32)
    (local $end i32) (local $vectorEnd i32) (local $rowEnd i32) (local $label i32) (local $sum i32)
    (local.set $end (i32.add (local.get $labels) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $labels) (local.get $end)))
        (local.set $label (i32.load (local.get $labels)))
        (local.set $sum
          (i32.add (local.get $sums) (i32.shl (i32.mul (local.get $label) (local.get $p)) (i32.const 3))))
        (local.set $rowEnd (i32.add (local.get $row) (i32.shl (local.get $p) (i32.const 3))))
        (local.set $vectorEnd
          (i32.add (local.get $row) (i32.shl (i32.and (local.get $p) (i32.const -2)) (i32.const 3))))
        (block $rowDone
          (loop $nextPair
            (br_if $rowDone (i32.ge_u (local.get $row) (local.get $vectorEnd)))
            (v128.store align=8 (local.get $sum)
              (f64x2.add (v128.load align=8 (local.get $sum)) (v128.load align=8 (local.get $row))))
            (local.set $row (i32.add (local.get $row) (i32.const 16)))
            (local.set $sum (i32.add (local.get $sum) (i32.const 16)))
            (br $nextPair)))
        (if (i32.lt_u (local.get $row) (local.get $rowEnd))
          (then
            (f64.store (local.get $sum) (f64.add (f64.load (local.get $sum)) (f64.load (local.get $row))))
            (local.set $row (local.get $rowEnd))))
        (local.set $sum (i32.add (local.get $counts) (i32.shl (local.get $label) (i32.const 3))))
        (f64.store (local.get $sum) (f64.add (f64.load (local.get $sum)) (f64.const 1)))
        (local.set $labels (i32.add (local.get $labels) (i32.const 4)))
        (br $next))))

  ;; nearest[i] = the smaller of itself and the squared distance of row i to the centre, or that distance (isFirst).
  ;; Gives the sum of what it leaves there.
  (func (export "spread")
    (param $row i32) (param $count i32) (param $p i32) (param $centre i32) (param $nearest i32) (param $isFirst i32)
    (result f64)
    (local $end i32) (local $stride i32) (local $d f64) (local $total f64)
    (local.set $end (i32.add (local.get $nearest) (i32.shl (local.get $count) (i32.const 3))))
    (local.set $stride (i32.shl (local.get $p) (i32.const 3)))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $nearest) (local.get $end)))
        (local.set $d (call $squaredDistance (local.get $row) (local.get $centre) (local.get $p)))
        (if (i32.or (local.get $isFirst) (f64.lt (local.get $d) (f64.load (local.get $nearest))))
          (then (f64.store (local.get $nearest) (local.get $d))))
        (local.set $total (f64.add (local.get $total) (f64.load (local.get $nearest))))
        (local.set $row (i32.add (local.get $row) (local.get $stride)))
        (local.set $nearest (i32.add (local.get $nearest) (i32.const 8)))
        (br $next)))
    (local.get $total))

  ;; Σ over the rows of the squared distance to the nearest of the centres.
  (func (export "cost")
    (param $row i32) (param $count i32) (param $p i32) (param $centres i32) (param $k i32) (result f64)
    (local $stride i32) (local $centre i32) (local $end i32) (local $first f64) (local $total f64)
    (local.set $stride (i32.shl (local.get $p) (i32.const 3)))
    (local.set $end (i32.add (local.get $centres) (i32.mul (local.get $k) (local.get $stride))))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $first (f64.const inf))
        (local.set $centre (local.get $centres))
        (block $rowDone
          (loop $nextCentre
            (br_if $rowDone (i32.ge_u (local.get $centre) (local.get $end)))
            (local.set $first
              (f64.min (local.get $first)
                (call $squaredDistance (local.get $row) (local.get $centre) (local.get $p))))
            (local.set $centre (i32.add (local.get $centre) (local.get $stride)))
            (br $nextCentre)))
        (local.set $total (f64.add (local.get $total) (local.get $first)))
        (local.set $row (i32.add (local.get $row) (local.get $stride)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $next)))
    (local.get $total))

  ;; Moves the bounds of rows[from…to) by what the centres have moved, and lists the rows that they leave open: those whose
  ;; upper bound exceeds the lower one and half of the gap to the next centre. Gives how many.
  (func (export "loosen")
    (param $from i32) (param $to i32) (param $list i32) (param $labels i32) (param $upper i32) (param $lower i32)
    (param $halfGaps i32) (param $moved i32) (param $othersMoved i32) (result i32)
    (local $at i32) (local $label i32) (local $floor f64) (local $ceiling f64) (local $next i32)
    (local.set $next (local.get $list))
    (block $done
      (loop $nextRow
        (br_if $done (i32.ge_u (local.get $from) (local.get $to)))
        (local.set $label
          (i32.shl
            (i32.load (i32.add (local.get $labels) (i32.shl (local.get $from) (i32.const 2))))
            (i32.const 3)))
        (local.set $at (i32.shl (local.get $from) (i32.const 3)))
        (local.set $floor
          (f64.sub
            (f64.load (i32.add (local.get $lower) (local.get $at)))
            (f64.load (i32.add (local.get $othersMoved) (local.get $label)))))
        (local.set $ceiling
          (f64.add
            (f64.load (i32.add (local.get $upper) (local.get $at)))
            (f64.load (i32.add (local.get $moved) (local.get $label)))))
        (f64.store (i32.add (local.get $lower) (local.get $at)) (local.get $floor))
        (f64.store (i32.add (local.get $upper) (local.get $at)) (local.get $ceiling))
        (i32.store (local.get $next) (local.get $from))
        (local.set $next
          (i32.add (local.get $next)
            (i32.shl
              (i32.eqz
                (f64.le (local.get $ceiling)
                  (f64.max (local.get $floor)
                    (f64.load (i32.add (local.get $halfGaps) (local.get $label))))))
              (i32.const 2))))
        (local.set $from (i32.add (local.get $from) (i32.const 1)))
        (br $nextRow)))
    (i32.shr_u (i32.sub (local.get $next) (local.get $list)) (i32.const 2)))

  ;; The upper bound of each listed row becomes the root of its distance; keeps in the list those that are still open.
  (func (export "tighten")
    (param $list i32) (param $count i32) (param $distances i32) (param $labels i32) (param $upper i32)
    (param $lower i32) (param $halfGaps i32) (result i32)
    (local $at i32) (local $end i32) (local $row i32) (local $distance f64) (local $next i32)
    (local.set $at (local.get $list))
    (local.set $next (local.get $list))
    (local.set $end (i32.add (local.get $list) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $nextRow
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $row (i32.load (local.get $at)))
        (local.set $distance (f64.sqrt (f64.load (local.get $distances))))
        (f64.store (i32.add (local.get $upper) (i32.shl (local.get $row) (i32.const 3))) (local.get $distance))
        (i32.store (local.get $next) (local.get $row))
        (local.set $next
          (i32.add (local.get $next)
            (i32.shl
              (i32.eqz
                (f64.le (local.get $distance)
                  (f64.max
                    (f64.load (i32.add (local.get $lower) (i32.shl (local.get $row) (i32.const 3))))
                    (f64.load
                      (i32.add (local.get $halfGaps)
                        (i32.shl
                          (i32.load (i32.add (local.get $labels) (i32.shl (local.get $row) (i32.const 2))))
                          (i32.const 3)))))))
              (i32.const 2))))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (local.set $distances (i32.add (local.get $distances) (i32.const 8)))
        (br $nextRow)))
    (i32.shr_u (i32.sub (local.get $next) (local.get $list)) (i32.const 2)))

  ;; Of each row's scores (`stride` of them, `k` in use): the place of the first of the smallest, it, and the next to it.
  ;; Even and odd places have a lane each; numbers are compared without branches.
  (func (export "choose")
    (param $scores i32) (param $stride i32) (param $count i32) (param $k i32) (param $best i32) (param $firsts i32)
    (param $seconds i32)
    (local $at i32) (local $end i32) (local $first v128) (local $second v128) (local $pair v128)
    (local $low f64) (local $high f64)
    (local.set $stride (i32.shl (local.get $stride) (i32.const 3)))
    (block $done
      (loop $nextRow
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $first (v128.const f64x2 inf inf))
        (local.set $second (v128.const f64x2 inf inf))
        (local.set $at (local.get $scores))
        (local.set $end (i32.add (local.get $at) (i32.shl (i32.and (local.get $k) (i32.const -2)) (i32.const 3))))
        (block $rowDone
          (loop $nextPair
            (br_if $rowDone (i32.ge_u (local.get $at) (local.get $end)))
            (local.set $pair (v128.load (local.get $at)))
            (local.set $second
              (f64x2.pmin (local.get $second) (f64x2.pmax (local.get $first) (local.get $pair))))
            (local.set $first (f64x2.pmin (local.get $first) (local.get $pair)))
            (local.set $at (i32.add (local.get $at) (i32.const 16)))
            (br $nextPair)))
        (if (i32.and (local.get $k) (i32.const 1))
          (then
            (local.set $pair (v128.load64_lane 0 (local.get $at) (v128.const f64x2 inf inf)))
            (local.set $second
              (f64x2.pmin (local.get $second) (f64x2.pmax (local.get $first) (local.get $pair))))
            (local.set $first (f64x2.pmin (local.get $first) (local.get $pair)))))
        (local.set $low (f64x2.extract_lane 0 (local.get $first)))
        (local.set $high (f64x2.extract_lane 1 (local.get $first)))
        (f64.store (local.get $seconds)
          (f64.min
            (f64.max (local.get $low) (local.get $high))
            (f64.min
              (f64x2.extract_lane 0 (local.get $second))
              (f64x2.extract_lane 1 (local.get $second)))))
        (local.set $low (f64.min (local.get $low) (local.get $high)))
        (f64.store (local.get $firsts) (local.get $low))
        ;; Its place; 0 when no score is a number.
        (local.set $at (local.get $scores))
        (local.set $end (i32.add (local.get $at) (i32.shl (local.get $k) (i32.const 3))))
        (block $found
          (loop $nextScore
            (br_if $found (f64.eq (f64.load (local.get $at)) (local.get $low)))
            (local.set $at (i32.add (local.get $at) (i32.const 8)))
            (br_if $nextScore (i32.lt_u (local.get $at) (local.get $end))))
          (local.set $at (local.get $scores)))
        (i32.store (local.get $best) (i32.shr_u (i32.sub (local.get $at) (local.get $scores)) (i32.const 3)))
        (local.set $scores (i32.add (local.get $scores) (local.get $stride)))
        (local.set $best (i32.add (local.get $best) (i32.const 4)))
        (local.set $firsts (i32.add (local.get $firsts) (i32.const 8)))
        (local.set $seconds (i32.add (local.get $seconds) (i32.const 8)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (br $nextRow)))))
