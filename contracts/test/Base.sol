// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @dev The cheat codes of forge that the tests use (getfoundry.sh, "Cheatcodes Reference").
interface Vm {
    struct Log {
        bytes32[] topics;
        bytes data;
        address emitter;
    }

    function prank(address sender) external;
    function startPrank(address sender) external;
    function stopPrank() external;
    function warp(uint256 timestamp) external;
    function roll(uint256 number) external;
    function deal(address account, uint256 balance) external;
    function label(address account, string calldata name) external;
    function addr(uint256 privateKey) external pure returns (address);
    function sign(uint256 privateKey, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function expectRevert() external;
    function expectRevert(bytes4 selector) external;
    function expectRevert(bytes calldata data) external;
    function expectEmit(bool topic1, bool topic2, bool topic3, bool data, address emitter) external;
    function recordLogs() external;
    function getRecordedLogs() external returns (Log[] memory);
    function assume(bool condition) external pure;
    function load(address account, bytes32 slot) external view returns (bytes32);
    function store(address account, bytes32 slot, bytes32 value) external;
    function etch(address account, bytes calldata code) external;
    function toString(uint256 value) external pure returns (string memory);
    function getBlockTimestamp() external view returns (uint256);
}

/// @title What every test contract stands on: cheat codes, assertions, bounded values, targets of invariants
abstract contract Base {
    error NotTrue(string what);
    error NotEqual(string what, uint256 left, uint256 right);
    error NotSame(string what, address left, address right);
    error NotAlike(string what, bytes32 left, bytes32 right);

    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    address[] private _targets;
    FuzzSelector[] private _selectors;

    /// @dev Only these contracts are called between two checks of the invariants.
    function targetContracts() external view returns (address[] memory) {
        return _targets;
    }

    function targetSelectors() external view returns (FuzzSelector[] memory) {
        return _selectors;
    }

    /// @dev Adds a handler whose every function is called with random arguments.
    function target(address handler) internal {
        _targets.push(handler);
    }

    /// @dev Adds a handler of which only these functions are called; naming one twice makes it twice as likely.
    function target(address handler, bytes4[] memory selectors) internal {
        _targets.push(handler);
        _selectors.push(FuzzSelector(handler, selectors));
    }

    /// @dev `value` folded into low..high, both included.
    function bound(uint256 value, uint256 low, uint256 high) internal pure returns (uint256) {
        require(low <= high, "bound: low > high");
        uint256 size = high - low + 1;
        return size == 0 ? value : low + (value % size);
    }

    /// @dev An account for a name; its private key signs.
    function person(string memory name) internal returns (address account, uint256 privateKey) {
        privateKey = uint256(keccak256(bytes(name)));
        account = vm.addr(privateKey);
        vm.label(account, name);
    }

    function isTrue(bool condition, string memory what) internal pure {
        if (!condition) revert NotTrue(what);
    }

    function same(uint256 left, uint256 right, string memory what) internal pure {
        if (left != right) revert NotEqual(what, left, right);
    }

    function same(address left, address right, string memory what) internal pure {
        if (left != right) revert NotSame(what, left, right);
    }

    function same(bytes32 left, bytes32 right, string memory what) internal pure {
        if (left != right) revert NotAlike(what, left, right);
    }
}
