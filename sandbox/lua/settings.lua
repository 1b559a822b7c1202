-- What the host configured for this state: limits, seed, capabilities, footprint, facts, texts.
local K = ...
local next = next

local configuration = K.decode(K.configuration, 1)
K.configuration = nil
for _, name in next, { "limits", "seed", "package", "language", "footprint", "facts", "settings", "texts" } do
  K[name] = configuration[name]
end
K.capabilities = {}
for _, name in next, configuration.capabilities do
  K.capabilities[name] = true
end
