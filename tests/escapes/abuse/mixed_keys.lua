-- Data whose keys are of every kind.
-- load: ok
-- event: ok
for _, data in ipairs {
  { 1, 2, x = 3 }, { [0] = 1 }, { [-1] = 1 }, { [math.maxinteger] = 1, [math.mininteger] = 2 }, { [1] = 1, [3] = 3 }, { ["1"] = 1, [1] = 2 }, { [""] = 1 }, { {} },
  { a = {} }, {}, { false }, { [2] = "x" },
} do
  mall.bus.send("probe/file:x", data)
  mall.store.set("k", data)
  mall.store.get "k"
end
