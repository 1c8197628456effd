// SPDX-License-Identifier: MIT
pragma solidity ^0.8.30;

import {ICollateralEscrow} from "../../src/interfaces/ICollateralEscrow.sol";
import {BoundedCall} from "../../src/libraries/BoundedCall.sol";
import {Intent, Landing, OrderState} from "../../src/types/Types.sol";
import {GavelTest} from "../base/GavelTest.sol";
import {MockLendingAdapter} from "../base/MockLendingAdapter.sol";
import {Vm} from "forge-std/Vm.sol";

/// @title Many landings in one call.
contract BatchesTest is GavelTest {
    function _landings(uint256 count) internal returns (Landing[] memory landings) {
        landings = new Landing[](count);
        for (uint256 i; i < count; ++i) {
            Intent memory intent = _intent(home, _underwater(home, bytes32(i + 1)));
            landings[i] = _landingOf(home, intent, alice, 2.6 ether, i % 2 == 0 ? HOME_DOMAIN : PAY_DOMAIN);
        }
    }

    function _landMany(Landing[] memory landings) internal returns (uint8[] memory landed, bytes32[] memory orderIds) {
        vm.prank(keeper);
        return home.collateral.landMany(landings);
    }

    function test_LocalAndRemoteTogether() public {
        (uint8[] memory landed, bytes32[] memory orderIds) = _landMany(_landings(4));
        for (uint256 i; i < 4; ++i) {
            assertEq(landed[i], 1);
            if (i % 2 == 0) assertEq(orderIds[i], 0);
            else assertEq(uint8(_stateOf(home, orderIds[i])), uint8(OrderState.Open));
        }
        assertEq(home.dollar.balanceOf(keeper), 4 * 2e6, "the caller earns every keeper fee");
        assertEq(home.ether_.balanceOf(alice.payout), 5.2 ether);
    }

    function test_Nothing() public {
        (uint8[] memory landed, bytes32[] memory orderIds) = _landMany(new Landing[](0));
        assertEq(landed.length, 0);
        assertEq(orderIds.length, 0);
    }

    function test_SkipsForReasonsOfState() public {
        Landing[] memory landings = _landings(5);
        landings[1] = landings[0]; // its round is over by then
        _underwaterWith(home, bytes32(uint256(3)), 0, 0); // healthy again
        landings[3].intent.openBy += 1;
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.LandingSkipped(1, abi.encodeWithSelector(ICollateralEscrow.WrongRound.selector, 0, 1));
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.LandingSkipped(2, abi.encodeWithSelector(ICollateralEscrow.Healthy.selector, 0.97e18));
        vm.expectEmit(address(home.collateral));
        emit ICollateralEscrow.LandingSkipped(
            3,
            abi.encodeWithSelector(
                ICollateralEscrow.WrongOpenBy.selector, landings[3].intent.openBy, landings[3].intent.openBy - 1
            )
        );
        (uint8[] memory landed,) = _landMany(landings);
        assertEq(landed[0], 1);
        assertEq(landed[1] + landed[2] + landed[3], 0);
        assertEq(landed[4], 1);
    }

    function test_PassedOverIsNotSkipped() public {
        Landing[] memory landings = _landings(2);
        vm.prank(alice.account);
        home.dollar.approve(address(home.collateral), 0);
        vm.warp(block.timestamp + 2); // quoteBy has passed
        vm.recordLogs();
        (uint8[] memory landed,) = _landMany(landings);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i; i < logs.length; ++i) {
            assertTrue(logs[i].topics[0] != ICollateralEscrow.LandingSkipped.selector);
        }
        assertEq(landed[0], 0);
        assertEq(landed[1], 1, "remote: promised before the suspension");
        assertTrue(home.collateral.hasFaded(_digest(home, landings[0].intent), alice.account));
    }

    function test_AForgedItemHarmsNoNeighbour() public {
        Landing[] memory landings = _landings(3);
        landings[1].quotes[0].signature = _sign(uint256(7), bytes32("something else"));
        (uint8[] memory landed,) = _landMany(landings);
        assertEq(landed[0], 1);
        assertEq(landed[1], 0);
        assertEq(landed[2], 1);
    }

    /// However much gas the call gets, no item is skipped for want of it.
    function testFuzz_NeverForLackOfGas(uint256 gas_) public {
        gas_ = bound(gas_, 200_000, 4_500_000);
        Landing[] memory landings = _landings(4);
        (bool ok, bytes memory returned) =
            address(home.collateral).call{gas: gas_}(abi.encodeCall(home.collateral.landMany, (landings)));
        if (!ok) {
            for (uint256 i; i < 4; ++i) {
                assertEq(home.collateral.rounds(_positionKey(landings[i].intent.position)), 0);
            }
            return;
        }
        (uint8[] memory landed,) = abi.decode(returned, (uint8[], bytes32[]));
        for (uint256 i; i < 4; ++i) {
            assertEq(landed[i], 1);
        }
    }

    function test_TooLittleGasForAnItemFailsTheWhole() public {
        Landing[] memory landings = _landings(2);
        assertTrue(
            _revertsWith(
                address(home.collateral),
                abi.encodeCall(home.collateral.landMany, (landings)),
                2_350_000,
                BoundedCall.InsufficientGas.selector
            )
        );
        assertEq(home.collateral.rounds(_positionKey(landings[0].intent.position)), 0);
    }

    function test_AnExhaustedTrialFailsTheWhole() public {
        Landing[] memory landings = _landings(2);
        home.adapter.setMode(MockLendingAdapter.Mode.BurningGas);
        vm.expectRevert(abi.encodeWithSelector(BoundedCall.GasExhausted.selector, 2_000_000));
        _landMany(landings);
    }

    function test_OnlyItself() public {
        Landing[] memory landings = _landings(1);
        vm.expectRevert(ICollateralEscrow.OnlyItself.selector);
        home.collateral.landFor(landings[0], stranger);
    }
}
