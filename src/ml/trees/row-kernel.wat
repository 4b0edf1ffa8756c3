;; What src/ml/trees/row-kernel.ts asks of rows, on the memory in which they lie. Addresses and counts are in bytes and
;; rows; rows and words have 4 bytes, a pair (gradient, hessian and count) 16. `node scripts/wasm.mjs` compiles it.
(module
  (import "env" "memory" (memory 1 65536 shared))

  ;; ordered[i] = pairs[rows[i]]
  (func (export "gather") (param $rows i32) (param $count i32) (param $pairs i32) (param $ordered i32)
    (local $end i32)
    (local.set $end (i32.add (local.get $rows) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $rows) (local.get $end)))
        (v128.store (local.get $ordered)
          (v128.load (i32.add (local.get $pairs) (i32.shl (i32.load (local.get $rows)) (i32.const 4)))))
        (local.set $rows (i32.add (local.get $rows) (i32.const 4)))
        (local.set $ordered (i32.add (local.get $ordered) (i32.const 16)))
        (br $next))))

  ;; For each row and each of the four bins in its word: sums[lane][bin] += its pair. A lane has 256 bins.
  (func (export "addFour")
    (param $words i32) (param $rows i32) (param $count i32) (param $ordered i32) (param $sums i32)
    (local $end i32) (local $word i32) (local $pair v128) (local $at i32)
    (local.set $end (i32.add (local.get $rows) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $rows) (local.get $end)))
        (local.set $word
          (i32.load (i32.add (local.get $words) (i32.shl (i32.load (local.get $rows)) (i32.const 2)))))
        (local.set $pair (v128.load (local.get $ordered)))
        (local.set $at
          (i32.add (local.get $sums) (i32.and (i32.shl (local.get $word) (i32.const 4)) (i32.const 4080))))
        (v128.store (local.get $at) (f64x2.add (v128.load (local.get $at)) (local.get $pair)))
        (local.set $at
          (i32.add (local.get $sums) (i32.and (i32.shr_u (local.get $word) (i32.const 4)) (i32.const 4080))))
        (v128.store offset=4096 (local.get $at)
          (f64x2.add (v128.load offset=4096 (local.get $at)) (local.get $pair)))
        (local.set $at
          (i32.add (local.get $sums) (i32.and (i32.shr_u (local.get $word) (i32.const 12)) (i32.const 4080))))
        (v128.store offset=8192 (local.get $at)
          (f64x2.add (v128.load offset=8192 (local.get $at)) (local.get $pair)))
        (local.set $at
          (i32.add (local.get $sums) (i32.and (i32.shr_u (local.get $word) (i32.const 20)) (i32.const 4080))))
        (v128.store offset=12288 (local.get $at)
          (f64x2.add (v128.load offset=12288 (local.get $at)) (local.get $pair)))
        (local.set $rows (i32.add (local.get $rows) (i32.const 4)))
        (local.set $ordered (i32.add (local.get $ordered) (i32.const 16)))
        (br $next))))

  ;; The same for the one bin that lies `shift` bits up in the word: sums[bin] += the row's pair.
  (func (export "addOne")
    (param $words i32) (param $shift i32) (param $rows i32) (param $count i32) (param $ordered i32) (param $sums i32)
    (local $end i32) (local $at i32)
    (local.set $end (i32.add (local.get $rows) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $rows) (local.get $end)))
        (local.set $at
          (i32.add (local.get $sums)
            (i32.shl
              (i32.and
                (i32.shr_u
                  (i32.load (i32.add (local.get $words) (i32.shl (i32.load (local.get $rows)) (i32.const 2))))
                  (local.get $shift))
                (i32.const 255))
              (i32.const 4))))
        (v128.store (local.get $at) (f64x2.add (v128.load (local.get $at)) (v128.load (local.get $ordered))))
        (local.set $rows (i32.add (local.get $rows) (i32.const 4)))
        (local.set $ordered (i32.add (local.get $ordered) (i32.const 16)))
        (br $next))))

  ;; Moves the rows whose bin is marked in `isLeft` (a byte a bin) to the front; both sides keep their order. Each row is
  ;; written to both sides and one of them moves on: no branch to predict. Gives how many went left.
  (func (export "divide")
    (param $words i32) (param $shift i32) (param $isLeft i32) (param $rows i32) (param $count i32) (param $right i32)
    (result i32)
    (local $at i32) (local $end i32) (local $left i32) (local $kept i32) (local $row i32) (local $goes i32)
    (local.set $at (local.get $rows))
    (local.set $left (local.get $rows))
    (local.set $kept (local.get $right))
    (local.set $end (i32.add (local.get $rows) (i32.shl (local.get $count) (i32.const 2))))
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $row (i32.load (local.get $at)))
        (local.set $goes
          (i32.shl
            (i32.load8_u
              (i32.add (local.get $isLeft)
                (i32.and
                  (i32.shr_u
                    (i32.load (i32.add (local.get $words) (i32.shl (local.get $row) (i32.const 2))))
                    (local.get $shift))
                  (i32.const 255))))
            (i32.const 2)))
        (i32.store (local.get $left) (local.get $row))
        (i32.store (local.get $right) (local.get $row))
        (local.set $left (i32.add (local.get $left) (local.get $goes)))
        (local.set $right (i32.add (local.get $right) (i32.sub (i32.const 4) (local.get $goes))))
        (local.set $at (i32.add (local.get $at) (i32.const 4)))
        (br $next)))
    (memory.copy (local.get $left) (local.get $kept) (i32.sub (local.get $right) (local.get $kept)))
    (i32.shr_u (i32.sub (local.get $left) (local.get $rows)) (i32.const 2))))
