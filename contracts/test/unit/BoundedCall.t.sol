// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {BoundedCall} from "../../src/libraries/BoundedCall.sol";
import {MoodyToken, NoReturnToken} from "../base/MockTokens.sol";
import {Test} from "forge-std/Test.sol";

contract Callee {
    uint256 public calls;

    function returning(uint256 size) external {
        ++calls;
        assembly {
            mstore(0x10000, 0x2a)
            return(0x10000, size)
        }
    }

    function reverting(uint256 size) external pure {
        assembly {
            mstore(0x10000, 0x2b)
            revert(0x10000, size)
        }
    }

    function burning() external pure {
        while (true) {}
    }

    /// @dev Burns all its gas this many calls deep, and every caller on the way fails for another reason.
    function burningDeep(Callee self, uint256 depth) external view {
        if (depth == 0) {
            while (true) {}
        }
        try self.burningDeep(self, depth - 1) {} catch {}
        revert("something else");
    }

    /// @dev Burns this much gas and fails.
    function burningSome(uint256 amount) external view {
        uint256 until = gasleft() - amount;
        while (gasleft() > until) {}
        revert("something else");
    }

    function bounded() external pure {
        revert BoundedCall.InsufficientGas(1, 2);
    }

    function exhausted() external pure {
        revert BoundedCall.GasExhausted(3);
    }

    function gasSeen() external view returns (uint256) {
        return gasleft();
    }
}

contract Caller {
    function tryCall(address target, uint256 gas_, bytes calldata data)
        external
        returns (bool ok, bytes memory returned, bytes memory next)
    {
        (ok, returned) = BoundedCall.tryCall(target, gas_, data);
        next = abi.encode("memory after the result is whole");
    }

    function tryDelegate(address library_, uint256 gas_, bytes calldata data)
        external
        returns (bool ok, bytes memory returned)
    {
        return BoundedCall.tryDelegate(library_, gas_, data);
    }

    function tryWithAllGas(address target, bytes calldata data) external returns (bool ok, bytes memory returned) {
        return BoundedCall.tryWithAllGas(target, data);
    }

    function tryTransfer(address token, address to, uint256 amount) external returns (bool) {
        return BoundedCall.tryTransfer(token, to, amount, 100_000);
    }
}

contract BoundedCallTest is Test {
    Caller internal caller = new Caller();
    Callee internal callee = new Callee();
    address internal to = makeAddr("to");

    function _call(bytes memory data) internal returns (bool ok, bytes memory returned) {
        bytes memory next;
        (ok, returned, next) = caller.tryCall(address(callee), 100_000, data);
        assertEq(next, abi.encode("memory after the result is whole"));
    }

    function test_ReturnsWhatWasReturned() public {
        (bool ok, bytes memory returned) = _call(abi.encodeCall(callee.returning, (32)));
        assertTrue(ok);
        assertEq(returned, abi.encode(uint256(0x2a)));
        (ok, returned) = _call(abi.encodeCall(callee.returning, (0)));
        assertTrue(ok);
        assertEq(returned.length, 0);
        (ok, returned) = _call(abi.encodeCall(callee.returning, (33)));
        assertEq(returned.length, 33);
    }

    function test_ReturnBombsAreCapped() public {
        (bool ok, bytes memory returned) = _call(abi.encodeCall(callee.returning, (10_000)));
        assertTrue(ok);
        assertEq(returned.length, 256);
        (ok, returned) = _call(abi.encodeCall(callee.reverting, (10_000)));
        assertFalse(ok);
        assertEq(returned.length, 256);
        (ok, returned) = _call(abi.encodeCall(callee.reverting, (257)));
        assertEq(returned.length, 256);
    }

    function test_BurnsNoMoreThanAllowed() public {
        uint256 before = gasleft();
        (bool ok, bytes memory returned) = _call(abi.encodeCall(callee.burning, ()));
        assertFalse(ok);
        assertEq(returned.length, 0);
        assertLt(before - gasleft(), 140_000);
    }

    /// The callee sees the same gas however much the caller has, or the call reverts.
    function testFuzz_NeverStarved(uint256 gas_, uint256 allowance) public {
        allowance = bound(allowance, 1000, 1_000_000);
        gas_ = bound(gas_, 20_000, 1_500_000);
        bytes memory data =
            abi.encodeCall(caller.tryCall, (address(callee), allowance, abi.encodeCall(callee.gasSeen, ())));
        (bool ok, bytes memory returned) = address(caller).call{gas: gas_}(data);
        if (!ok) {
            if (returned.length != 0) assertEq(bytes4(returned), BoundedCall.InsufficientGas.selector);
            assertLt(gas_, allowance + allowance / 63 + 75_000);
            return;
        }
        (bool called, bytes memory seen,) = abi.decode(returned, (bool, bytes, bytes));
        assertTrue(called);
        assertApproxEqAbs(abi.decode(seen, (uint256)), allowance, 400);
    }

    // ---- a failure for want of gas is no account's fault ----

    function _failsExhausted(bytes memory data, uint256 gas_) internal returns (bool) {
        (bool ok, bytes memory returned) = address(caller).call{gas: gas_}(data);
        return !ok && bytes4(returned) == BoundedCall.GasExhausted.selector;
    }

    function _delegated(bytes memory data) internal view returns (bytes memory) {
        return abi.encodeCall(caller.tryDelegate, (address(callee), 200_000, data));
    }

    function test_Exhausted_AtAnyDepth() public {
        for (uint256 depth; depth < 12; ++depth) {
            assertTrue(
                _failsExhausted(_delegated(abi.encodeCall(callee.burningDeep, (callee, depth))), 1_000_000),
                vm.toString(depth)
            );
            bytes memory whole = abi.encodeCall(
                caller.tryWithAllGas, (address(callee), abi.encodeCall(callee.burningDeep, (callee, depth)))
            );
            assertTrue(_failsExhausted(whole, 1_000_000), vm.toString(depth));
        }
    }

    function test_Exhausted_FromThreeQuartersOn() public {
        assertTrue(_failsExhausted(_delegated(abi.encodeCall(callee.burningSome, (150_000))), 1_000_000));
        (bool ok, bytes memory returned) =
            caller.tryDelegate(address(callee), 200_000, abi.encodeCall(callee.burningSome, (140_000)));
        assertFalse(ok);
        assertEq(returned, abi.encodeWithSignature("Error(string)", "something else"));
    }

    function test_Exhausted_OnlyWhenItFailed() public {
        (bool ok,) = caller.tryDelegate(address(callee), 45_000, abi.encodeCall(callee.returning, (10_000)));
        assertTrue(ok, "a success may use all it has");
    }

    function test_AllGas_WantOfGasInsideIsPassedOn() public {
        bytes memory data = abi.encodeCall(caller.tryWithAllGas, (address(callee), abi.encodeCall(callee.bounded, ())));
        (bool ok, bytes memory returned) = address(caller).call(data);
        assertFalse(ok);
        assertEq(returned, abi.encodeWithSelector(BoundedCall.InsufficientGas.selector, 1, 2));
        data = abi.encodeCall(caller.tryWithAllGas, (address(callee), abi.encodeCall(callee.exhausted, ())));
        (ok, returned) = address(caller).call(data);
        assertFalse(ok);
        assertEq(returned, abi.encodeWithSelector(BoundedCall.GasExhausted.selector, 3));
    }

    function test_AllGas_OtherFailuresAreReturned() public {
        (bool ok, bytes memory returned) = caller.tryWithAllGas(address(callee), abi.encodeCall(callee.reverting, (2)));
        assertFalse(ok);
        assertEq(returned.length, 2);
        (ok, returned) = caller.tryWithAllGas(address(callee), abi.encodeCall(callee.returning, (32)));
        assertTrue(ok);
        assertEq(returned, abi.encode(uint256(0x2a)));
    }

    function test_InsufficientGas() public {
        bytes memory data =
            abi.encodeCall(caller.tryCall, (address(callee), 100_000, abi.encodeCall(callee.gasSeen, ())));
        (bool ok, bytes memory returned) = address(caller).call{gas: 100_000}(data);
        assertFalse(ok);
        assertEq(bytes4(returned), BoundedCall.InsufficientGas.selector);
    }

    // ---- transfers ----

    function test_Transfer_EveryMood() public {
        MoodyToken token = new MoodyToken(18);
        token.mint(address(caller), 100);
        assertTrue(caller.tryTransfer(address(token), to, 10));
        assertEq(token.balanceOf(to), 10);
        MoodyToken.Mood[6] memory moods = [
            MoodyToken.Mood.Reverting,
            MoodyToken.Mood.ReturningFalse,
            MoodyToken.Mood.ReturningTwo,
            MoodyToken.Mood.ReturningShort,
            MoodyToken.Mood.Bombing,
            MoodyToken.Mood.BurningGas
        ];
        for (uint256 i; i < moods.length; ++i) {
            token.setMood(to, moods[i]);
            assertFalse(caller.tryTransfer(address(token), to, 10), vm.toString(i));
        }
        assertEq(token.balanceOf(to), 10);
    }

    function test_Transfer_NoReturnValueIsSuccess() public {
        NoReturnToken token = new NoReturnToken();
        token.mint(address(caller), 100);
        assertTrue(caller.tryTransfer(address(token), to, 100));
        assertEq(token.balanceOf(to), 100);
        assertFalse(caller.tryTransfer(address(token), to, 1));
    }

    function test_Transfer_NoCodeIsFailure() public {
        assertFalse(caller.tryTransfer(makeAddr("nothing"), to, 1));
    }
}
