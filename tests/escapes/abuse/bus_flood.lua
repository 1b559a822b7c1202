-- The bus flooded.
-- load: error
-- event: budget
while true do
  mall.bus.send("probe/file:x", { 1, 2, 3 })
end
