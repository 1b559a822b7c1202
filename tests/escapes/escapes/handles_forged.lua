-- Tables that look like handles.
-- load: ok
-- event: ok
local fakes = { { id = 1 }, { id = 1, name = "x", inside = true }, setmetatable({}, { __index = function() return 1 end }), 1, "1", true }
for _, p in ipairs(fakes) do
  if pcall(mall.ui.toast, p, "x") and type(p) ~= "table" then
    mall.log "ESCAPED a forged player"
  end
  if pcall(mall.board.submit, "b", p, 1) or pcall(mall.rewards.claim, { player = p, pool = "x", amount = 1 }) then
    mall.log "ESCAPED a forged player"
  end
end
