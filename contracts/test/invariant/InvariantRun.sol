// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {Handler} from "./Handler.sol";
import {Test} from "forge-std/Test.sol";

/// @title A cheat code that forge-std is too old to know: gives the test its gas limit anew.
interface IGas {
    function resetGasMetering() external;
}

/// @title The parts of an invariant run: the actions, a step, the checks, and the end.
abstract contract InvariantRun is Test {
    Handler internal handler;
    bytes4[] internal actions;

    function setUp() public virtual {
        handler = new Handler();
        handler.setUp();
        actions = [
            handler.wait.selector,
            handler.move.selector,
            handler.land.selector,
            handler.landKept.selector,
            handler.landMany.selector,
            handler.fill.selector,
            handler.report.selector,
            handler.sendVerdicts.selector,
            handler.deliver.selector,
            handler.end.selector,
            handler.carry.selector,
            handler.sell.selector,
            handler.give.selector,
            handler.fallBack.selector,
            handler.lend.selector,
            handler.bond.selector,
            handler.disturb.selector
        ];
    }

    /// @dev One action, chosen by the word.
    function _step(uint256 word) internal {
        (bool ok,) = address(handler).call(abi.encodeWithSelector(actions[word % actions.length], word >> 8));
        assertTrue(ok, "an action reverted");
        IGas(address(vm)).resetGasMetering();
    }

    function _check() internal {
        if (handler.faultCount() != 0) assertEq(handler.faults(0), "");
        handler.check();
    }

    /// @dev Everything that began ends, and nothing stays behind.
    function _end() internal {
        handler.windDown();
        if (handler.faultCount() != 0) assertEq(handler.faults(0), "");
        handler.checkAll();
    }
}
