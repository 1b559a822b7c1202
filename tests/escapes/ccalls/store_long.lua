-- Long texts for the store, which are looked through before they are refused.
-- load: budget
-- event: budget
local s = string.rep("x", 700000)
while true do
  pcall(mall.store.set, "x", s)
end
