-- Boot: runs the chunks of the guard and of the API over one shared table, then strips the real globals.
-- Arguments: the encoded configuration, then each chunk as we compiled it.
local configuration = ...
local G = _G
local load, select, error, next, unpack = load, select, error, next, table.unpack

local K = { env = {}, now = 0, closed = false, configuration = configuration }

local results
for i = 2, select("#", ...) do
  local chunk, problem = load((select(i, ...)), "=?", "b")
  if not chunk then
    error(problem, 0)
  end
  results = { chunk(K) }
end

-- lupa looks up "debug" in the real globals without protection before each call, so the name must not be there.
for name in next, G do
  if name ~= "_G" and name ~= "_VERSION" then
    G[name] = nil
  end
end
return unpack(results)
